"""What notebooks, scripts and tests call: the features as functions, on the model that is in the process."""
