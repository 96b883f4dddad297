"""Reminders 提醒 that people set for themselves. Nothing leads from here to staff, a count or a decision."""
