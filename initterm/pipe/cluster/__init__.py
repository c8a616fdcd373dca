"""Trials on many processes and machines: Dask's workers, each with an engine process of ours. Alone imports Dask."""
