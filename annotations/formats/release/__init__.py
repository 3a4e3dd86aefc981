"""What a release is made of: frozen records, splits, files of several formats at once, and their card."""
