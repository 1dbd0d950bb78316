"""The words that depend on a language, one file for each (``locale.py`` says what stands in it)."""
