"""The guide as tables, cards and JSON."""
