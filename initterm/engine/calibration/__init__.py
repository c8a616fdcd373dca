"""What the tool promises, simulated: the functions that panes and commands use, on what is known to be true."""
