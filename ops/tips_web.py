"""What granian serves for the tip line alone: its app behind a front that no slow body gets past."""

from __future__ import annotations

from ops.parent import end_with_parent

end_with_parent()

from ops.front import Front  # noqa: E402 - the signal must be in place before the app takes its time to load
from ops.supervision import WEB_THREADS  # noqa: E402 - as above
from tips_wsgi import app  # noqa: E402 - as above

front = Front(app, WEB_THREADS)
