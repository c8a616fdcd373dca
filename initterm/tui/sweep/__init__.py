"""Sweep: a comparison repeated over a grid of settings."""
