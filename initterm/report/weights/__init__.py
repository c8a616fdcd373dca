"""Kernels as words, tables, JSON, CSV and a picture."""
