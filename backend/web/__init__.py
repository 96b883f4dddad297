"""What the API and the H5 pages share at the edge: guards, sessions, CSRF, problems, idempotency."""
