"""Setting up, running and supervising the product on one machine."""
