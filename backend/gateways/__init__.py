"""The outside world: each file a Protocol, the real part and the demo part; called outside transactions."""
