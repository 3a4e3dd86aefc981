"""Reading along: what is new, as feeds, and single quotes that other pages embed."""
