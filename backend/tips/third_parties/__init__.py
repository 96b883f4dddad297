"""Who does not belong into a tip, found in what was typed: a woman by number, name, record or address."""
