"""States and moves of every thing that has a status, each said once."""
