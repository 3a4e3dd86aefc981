"""Numbers for Prometheus: of requests, from each process of the server, and of the work, from the rows."""
