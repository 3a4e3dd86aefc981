"""Knowledge: what approved work says, counted: statements, matrix, changes, who is quoted, networks."""
