"""Signals as words, tables, JSON and a picture."""
