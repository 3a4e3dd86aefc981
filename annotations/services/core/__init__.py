"""The core: corpora, articles, sets, spans, relations, comments, events, and the write gate."""
