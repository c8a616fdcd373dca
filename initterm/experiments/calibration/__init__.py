"""What the tool promises of its own answers, as values: promises, how each is simulated, and what was found."""
