"""The training of a person's own `fit`, watched: what is told of it, when it is looked at, and what it came to."""
