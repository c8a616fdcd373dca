"""A person's model held against what its layers declare and need, and the proof of what is found."""
