"""What nobody may count: the work of people's own reminders (PRODUCT §2.2)."""

from __future__ import annotations

from backend.models.outbox import Outbox

#: Topics that are in no list, count, metric or log, not even as a number.
UNCOUNTED = frozenset({"own_reminder", "own_date"})
#: Of the others: what lists and counts ask for.
COUNTED = Outbox.topic.not_in(sorted(UNCOUNTED))
