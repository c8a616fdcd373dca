"""Results in forms that leave the program: words, tables, JSON, CSV, PNG."""
