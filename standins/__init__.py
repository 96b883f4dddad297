"""Servers that stand in for the world outside: they speak its protocol, for tests and for the demo."""
