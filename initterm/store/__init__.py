"""Runs on disk: a folder a run, its truth a file of events that only grows, which any face can follow or open again."""
