"""Public bugs of initialization, each re-written as a small model, with its sound twin, and how many an audit finds."""
