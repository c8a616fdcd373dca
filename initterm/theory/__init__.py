"""What mathematics predicts: shapes and fans, initializers and their laws, activations, the guide."""
