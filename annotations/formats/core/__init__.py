"""What readers and writers share: records, checks, streams, losses, and the JSON of our own format."""
