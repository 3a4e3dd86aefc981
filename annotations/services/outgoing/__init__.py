"""Calls to other services: which addresses may be called, and how a call is kept short."""
