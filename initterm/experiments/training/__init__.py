"""Training: contenders and experiments, a run's events, and the board that they are folded into."""
