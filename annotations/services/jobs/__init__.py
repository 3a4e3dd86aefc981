"""Background jobs: their rows with leases, and their files on disk."""
