"""Proof: what an audit finds fault with fixed, and both models trained side by side, as Train trains them."""
