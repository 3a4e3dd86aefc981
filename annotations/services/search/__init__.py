"""Search in texts, titles, quotes and comments: one question, the same hits on both engines."""
