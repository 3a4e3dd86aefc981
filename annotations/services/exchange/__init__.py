"""Exchange with other systems: imports, exports, and the filters of articles."""
