"""The long proofs: each ``drills/<name>.py`` has ``run(seed, *, sample=False) -> Verdict``."""
