"""How fast the service is, beside the floor of the same database: ``python -m bench``."""
