"""A visit for the calendar of a phone: iCalendar (RFC 5545, 5546), one event, written by hand; pure.

Our own writer: a dozen lines of text do not pay for 12 MB of a library in every web process. The tests let another
program read what it writes. A calendar is often shared: no word in it says what the visit is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PRODUCT = "-//Yangguang//Bookings//ZH"
#: Octets of a line without its end (RFC 5545, 3.1).
LINE = 75
#: The phone itself reminds, also without a network.
ALARMS = (timedelta(hours=18), timedelta(hours=1))
#: What a text may not hold however it is escaped.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Event:
    """One visit. ``uid`` stays for ever, ``sequence`` grows with every change; ``changed_at``: of this state."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    url: str
    #: An address of whom it comes from: asked for wherever a METHOD stands (RFC 5546, 3.2.1).
    organizer: str
    cancelled: bool
    tentative: bool = False

    @property
    def status(self) -> str:
        if self.cancelled:
            return "CANCELLED"
        return "TENTATIVE" if self.tentative else "CONFIRMED"


def write(event: Event) -> bytes:
    """The whole file, UTF-8, lines folded and ended as the standard wants them."""
    return b"".join(fold(line) for line in _lines(event))


def fold(line: str) -> bytes:
    """One content line with its CRLF; what is longer than 75 octets goes on after a space, no character cut."""
    pieces, piece, room = [], b"", LINE
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece, room = b"", LINE - 1
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"


def escape(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11)."""
    clean = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _lines(event: Event) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODUCT}"
    yield "CALSCALE:GREGORIAN"
    yield f"METHOD:{'CANCEL' if event.cancelled else 'PUBLISH'}"
    yield from _event(event)
    yield "END:VCALENDAR"


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escape(event.uid)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{_moment(event.changed_at)}"
    yield f"LAST-MODIFIED:{_moment(event.changed_at)}"
    yield f"DTSTART:{_moment(event.starts_at)}"
    yield f"DTEND:{_moment(event.ends_at)}"
    yield f"STATUS:{event.status}"
    yield f"ORGANIZER:{event.organizer}"
    yield f"SUMMARY:{escape(event.summary)}"
    yield f"LOCATION:{escape(event.location)}"
    yield f"DESCRIPTION:{escape(event.description)}"
    yield f"URL:{event.url}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:OPAQUE"
    if not event.cancelled:
        for before in ALARMS:
            yield from _alarm(event, before)
    yield "END:VEVENT"


def _alarm(event: Event, before: timedelta) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"TRIGGER:-PT{int(before.total_seconds()) // 3600}H"
    yield f"DESCRIPTION:{escape(event.summary)}"
    yield "END:VALARM"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
