"""The papers, a module each: set-up, what to draw, and claims as quantities of what was measured."""
