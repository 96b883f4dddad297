"""What is said to people: templates as data, the inbox."""
