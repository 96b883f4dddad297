"""Pure Python: rules, values and words that need no I/O and no framework."""
