"""The app's engine on another machine: the line to it, what keeps it there, and what is kept there."""
