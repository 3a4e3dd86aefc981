"""Rights: the one gate that everything passes that leaves the house."""
