"""Audit: a model named, what is found in it and proved of it, and their boards."""
