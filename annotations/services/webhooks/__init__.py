"""Webhooks: the events of a corpus, sent to other systems by the Standard Webhooks specification."""
