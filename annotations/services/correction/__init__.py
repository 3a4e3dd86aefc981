"""Corrections of texts: what becomes of the sets, and of the spans that need a look."""
