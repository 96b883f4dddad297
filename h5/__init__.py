"""H5 pages: the residents', under ``staff/`` and ``admin/`` the console's, under ``tips/`` those of the tip line."""
