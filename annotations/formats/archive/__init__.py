"""Archives: zip files, read within limits and written with the same bytes each time."""
