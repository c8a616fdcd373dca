"""Results in forms that leave the program: JSON, CSV, and tables for people."""
