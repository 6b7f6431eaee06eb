"""These tests need Rasa, which only the bot's environment has; the app's pytest passes them over."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("rasa") else ["test_*.py"]
