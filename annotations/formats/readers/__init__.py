"""Readers: one module for each foreign format, all of which yield ``ParsedRecord``."""
