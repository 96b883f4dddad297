"""The residents' H5 pages and, under ``staff/``, the console of the offices."""
