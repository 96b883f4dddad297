"""The console of the offices."""
