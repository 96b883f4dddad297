"""WeChat's side of a message: what people allow, what its server tells us, and whose message it is about."""
