"""Kernels drawn by Keras, and tested against their laws."""
