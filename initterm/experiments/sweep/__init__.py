"""A comparison repeated over axes of settings: the map that its cells make."""
