"""Runs that are kept, in words and tables."""
