"""The gallery of papers: its list, the evidence of one, and the runs that replicate them."""
