"""The queues of an installation: one worker process each (a worker on two can lose a job for ever)."""

from __future__ import annotations

#: Messages and domain work: milliseconds each.
NOW = "now"
#: PDF and pictures: the only worker that imports reportlab and Pillow.
HEAVY = "heavy"
QUEUES = (NOW, HEAVY)
