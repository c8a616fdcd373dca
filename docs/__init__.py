"""The pages, and what of them is made from the code: ``python -m docs`` writes that."""
