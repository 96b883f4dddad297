"""What an installation decides: settings from the environment, and data the product ships with."""
