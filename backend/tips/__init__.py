"""Tips 举报: anonymous, sealed, about institutions and practitioners. Knows no resident, no account, no time of day."""
