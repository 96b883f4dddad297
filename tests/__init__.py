"""The proof that the promises hold: real databases, real broker, real browser."""
