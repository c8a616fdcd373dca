"""What accuracies over seeds allow to conclude. Imports no TensorFlow: its functions take arrays from anywhere."""
