"""The runs that are kept: their list, one of them in its words, and several of them compared."""
