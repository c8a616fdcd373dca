"""What can be asked, what is told, and what was told folded into a state. No TensorFlow, no screen."""
