"""Certificates 证件 and receipts 回执: signed, stored, rendered and verified (CONTRACT §3)."""
