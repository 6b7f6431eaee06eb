"""Scripts, languages and segmentation. Runs on Python 3.10, too, as the sealed bot process uses it."""
