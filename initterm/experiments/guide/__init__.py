"""Guide: the questions people ask, with experiments that answer them."""
