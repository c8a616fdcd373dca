"""A calibration as words, JSON and a page."""
