"""The processes behind the counter: two queue workers, the relay, and what they do."""
