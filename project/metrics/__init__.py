"""Numbers about the running service, for Prometheus: of requests from each process, of the work from the rows."""
