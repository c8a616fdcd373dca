"""What is claimed to be fast, as ratios against what a person would otherwise run."""
