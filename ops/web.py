"""What granian serves: the app, in worker processes that end with their master."""

from __future__ import annotations

from ops.parent import end_with_parent

end_with_parent()

from wsgi import app  # noqa: E402 - the signal must be in place before the app takes its time to load

__all__ = ["app"]
