"""The pages that say what approved work says: positions, changes of mind, who is quoted, networks."""
