"""Review: the transitions of a set, its problems, its changes, and who can review it."""
