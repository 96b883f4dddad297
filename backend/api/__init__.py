"""JSON under /api/v1: one module per subject, no rule of its own."""
