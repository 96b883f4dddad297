"""What messages say: templates as data, checked when they are loaded, and how values are spoken."""
