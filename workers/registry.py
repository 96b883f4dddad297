"""Every topic of the outbox: who works it off, in which queue, and how often it is tried.

Handlers are named and imported when a process needs them, because what the heavy queue imports
(reportlab, Pillow) must not fill the memory of the others. A test says that each name resolves.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from backend.administration.calendars import CHANGED
from backend.applications.bulk import TOPIC as BULK
from backend.applications.submission import COPY
from backend.certificates.service import RENDER_CERTIFICATE, RENDER_RECEIPT
from backend.notifications.kinds import SMS, WECHAT
from backend.notifications.planning import TOPICS as TOPICS_OF
from config.queues import HEAVY, NOW
from workers.kinds import Handler, Topic

#: Seconds between tries. Our own tables: a bug or a lock, soon over or for people to look at.
OWN = (1, 5, 30, 120, 600, 3600)
#: A sign-in code is good for five minutes.
CODE = (1, 3, 10, 30, 60)
#: A provider: soon again for a hiccup, and up to an hour for an outage.
SENDING = (2, 10, 60, 300, 900, 3600)


def _tells(name: str) -> Topic:
    return Topic(name, "workers.notify:tell", NOW, OWN, batch=250)


TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        _tells("application_submitted"),
        _tells("application_accepted"),
        _tells("application_handed_up"),
        _tells("correction_requested"),
        _tells("correction_changed"),
        _tells("correction_cancelled"),
        _tells("correction_reminder"),
        _tells("question_asked"),
        _tells("application_resubmitted"),
        _tells("application_in_notice"),
        _tells("objection_upheld"),
        _tells("application_issued"),
        _tells("application_rejected"),
        _tells("application_withdrawn"),
        _tells("application_lapsed"),
        Topic("application_reopened", "workers.benefits:reopened", NOW, OWN, batch=250),
        Topic("case_rated", "workers.ratings:rated", NOW, OWN, batch=250),
        _tells("rating_answered"),
        _tells("draft_expiring"),
        _tells("draft_waiting"),
        Topic("certificate_expiring", "workers.certificates:tell", NOW, OWN, batch=250),
        Topic("visit_offered", "workers.visits:tell", NOW, OWN, batch=50),
        Topic("visit_cancelled", "workers.visits:tell", NOW, OWN, batch=50),
        Topic("visit_reminder", "workers.visits:tell", NOW, OWN, batch=250),
        Topic("booking_confirmed", "workers.booking_messages:tell", NOW, OWN, batch=250),
        Topic("booking_rescheduled", "workers.booking_messages:tell", NOW, OWN, batch=250),
        Topic("booking_cancelled", "workers.booking_messages:tell", NOW, OWN, batch=250),
        Topic("booking_closed", "workers.booking_messages:tell", NOW, OWN, batch=250),
        Topic("booking_missed", "workers.booking_messages:tell", NOW, OWN, batch=250),
        Topic("booking_completed", "workers.booking_messages:tell", NOW, OWN, batch=250),
        Topic("booking_reminder", "workers.booking_messages:tell", NOW, OWN, batch=250),
        Topic("waitlist_offer", "workers.waitlist:tell", NOW, OWN, batch=250),
        Topic("waitlist_over", "workers.waitlist:tell", NOW, OWN, batch=250),
        Topic("booking_move_offer", "workers.waitlist:tell", NOW, OWN, batch=250),
        Topic("booking_move_choose", "workers.waitlist:tell", NOW, OWN, batch=250),
        Topic("own_reminder", "workers.followups:tell", NOW, OWN, batch=250),
        Topic("own_date", "workers.reminders:tell", NOW, OWN, batch=250),
        Topic("result_ready", "workers.results:tell", NOW, OWN, batch=250),
        _tells("deadline_escalation"),
        Topic("campaign_open", "workers.benefits:opened", NOW, OWN, lease=30, batch=1),
        Topic("confirmation_asked", "workers.benefits:asks", NOW, OWN, batch=250),
        Topic("confirmation_reminder", "workers.benefits:asks", NOW, OWN, batch=250),
        Topic("confirmation_offer", "workers.benefits:asks", NOW, OWN, batch=250),
        Topic("confirmation_reviewed", "workers.benefits:asks", NOW, OWN, batch=250),
        Topic("payment_made", "workers.payments:tell", NOW, OWN, batch=250),
        Topic("payment_failed", "workers.payments:tell", NOW, OWN, batch=250),
        Topic("benefit_account_changed", "workers.benefits:tells", NOW, OWN, batch=250),
        Topic("benefit_class_changed", "workers.benefits:tells", NOW, OWN, batch=250),
        Topic("benefit_ended", "workers.benefits:tells", NOW, OWN, batch=250),
        Topic("application_approved", "workers.issuing:approved", NOW, OWN, lease=10, batch=50),
        Topic(CHANGED, "workers.calendars:changed", NOW, OWN, lease=600, batch=1),
        Topic("sms_code", "workers.codes:send", NOW, CODE, lease=20, batch=20, urgent=True),
        Topic("second_step_code", "workers.codes:send", NOW, CODE, lease=20, batch=20, urgent=True),
        Topic(TOPICS_OF[WECHAT], "workers.deliveries:send", NOW, SENDING, lease=30, batch=200),
        Topic(TOPICS_OF[SMS], "workers.deliveries:send", NOW, SENDING, lease=30, batch=200),
        Topic(RENDER_RECEIPT, "workers.rendering:receipts", HEAVY, OWN, lease=30, batch=20),
        Topic(RENDER_CERTIFICATE, "workers.rendering:certificates", HEAVY, OWN, lease=30, batch=10),
        Topic(COPY, "workers.rendering:copies", HEAVY, OWN, lease=30, batch=20),
        Topic(BULK, "workers.bulk:drained", NOW, OWN, lease=30, batch=1),
        Topic("export", "workers.exports:export", HEAVY, OWN, lease=60, batch=2),
    )
}


def handler(topic: Topic) -> Handler:
    """The function behind a topic, imported now if it has not been."""
    module, _, name = topic.handler.partition(":")
    return cast(Handler, getattr(import_module(module), name))


def of_queue(queue: str) -> list[Topic]:
    return [topic for topic in TOPICS.values() if topic.queue == queue]
