"""Experiments run: many trials side by side, by one compiled step."""
