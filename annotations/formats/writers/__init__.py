"""Writers: one module for each format that leaves Standpoint."""
