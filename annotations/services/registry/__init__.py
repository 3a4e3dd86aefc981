"""The registry: actors with their aliases, topics and propositions."""
