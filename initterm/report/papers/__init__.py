"""Replications as words, tables, JSON and a picture."""
