"""Accounts: residents and staff, their sessions, consents, exports and erasure."""
