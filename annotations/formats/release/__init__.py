"""Releases: frozen records, splits, files of several formats at once, and their description."""
