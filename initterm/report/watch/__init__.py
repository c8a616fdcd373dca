"""A training that was watched, in words, tables and JSON."""
