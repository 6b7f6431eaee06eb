"""Scripts, languages and segmentation. Kept compatible with Python 3.10: the sealed bot process uses it too."""
