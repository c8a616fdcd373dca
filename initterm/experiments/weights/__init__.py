"""Kernels: what is asked to be drawn, and what is told of it."""
