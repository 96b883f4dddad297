"""The administrators' rooms of the console, behind the guard ``admin_page``."""
