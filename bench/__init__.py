"""Figures: each measured beside its floor, in the same run, on private servers."""
