"""The main app: extensions bound, blueprints beside their guards, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask import Flask
from flask_babel import Babel
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import h5.errors
from backend.api import (
    applications,
    auth,
    benefits,
    bookings,
    catalogue,
    certificates,
    conversation,
    dev,
    followups,
    materials,
    me,
    messages,
    notices,
    preferences,
    preparing,
    progress,
    ratings,
    reminders,
    results,
    second_step,
    sms_callbacks,
    stations,
    verifications,
    visits,
    waitlist,
    wechat,
    wechat_accounts,
    wechat_callback,
    well_known,
)
from backend.api.admin import (
    calendars as admin_calendars,
    health as admin_health,
    items as admin_items,
    message_costs as admin_message_costs,
    messages as admin_messages,
    offices as admin_offices,
    staff as admin_staff,
    stations as admin_stations,
)
from backend.api.staff import (
    account as staff_account,
    applications as staff_applications,
    auth as staff_auth,
    benefits as staff_benefits,
    bookings as staff_bookings,
    bulk as staff_bulk,
    collections as staff_collections,
    corrections as staff_corrections,
    followups as staff_followups,
    hands as staff_hands,
    messages as staff_messages,
    notices as staff_notices,
    payments as staff_payments,
    queue as staff_queue,
    ratings as staff_ratings,
    results as staff_results,
    stations as staff_stations,
    statistics as staff_statistics,
    templates as staff_templates,
    threads as staff_threads,
    tip_keys as staff_tip_keys,
    tip_redactions as staff_tip_redactions,
    tip_rewards as staff_tip_rewards,
    tip_transfers as staff_tip_transfers,
    tips as staff_tips,
    visits as staff_visits,
)
from backend.api.stored_guides import StoredGuides
from backend.runtime import Runtime, build_runtime
from backend.tips_app import Beside, create_tips_app
from backend.web import csrf, docs, guards, headers, health, problems, routing, tokens
from backend.web.answers import OrjsonProvider
from backend.web.blueprint import Api, Blueprint
from backend.web.context import bind
from backend.web.words import locale
from config.settings import ROOT, Settings
from h5.pages import PAGES

Guard = Callable[[], Any]

#: Every API blueprint with its guard.
API: tuple[tuple[flask.Blueprint, Guard], ...] = (
    (auth.blp, guards.anyone),
    (staff_auth.blp, guards.anyone),
    (me.blp, guards.resident),
    (wechat_accounts.blp, guards.resident),
    (second_step.blp, guards.resident),
    (messages.blp, guards.resident),
    (preferences.blp, guards.resident),
    (catalogue.blp, guards.anyone),
    (applications.blp, guards.resident),
    (applications.cosign, guards.resident),
    (materials.blp, guards.resident),
    (progress.blp, guards.anyone),
    (certificates.blp, guards.resident),
    (benefits.blp, guards.resident),
    (stations.blp, guards.anyone),
    (bookings.blp, guards.resident),
    (preparing.blp, guards.resident),
    (results.blp, guards.resident),
    (staff_results.blp, guards.nurse),
    (followups.blp, guards.resident),
    (followups.stopping, guards.anyone),
    (reminders.blp, guards.resident),
    (reminders.stopping, guards.anyone),
    (staff_followups.blp, guards.nurse),
    (verifications.blp, guards.anyone),
    (staff_applications.blp, guards.reviewer),
    (staff_benefits.blp, guards.reviewer),
    (conversation.blp, guards.resident),
    (staff_corrections.blp, guards.reviewer),
    (staff_hands.blp, guards.reviewer),
    (staff_messages.blp, guards.staff),
    (staff_corrections.consents, guards.reviewer),
    (staff_threads.blp, guards.reviewer),
    (staff_queue.blp, guards.reviewer),
    (staff_bulk.blp, guards.reviewer),
    (staff_templates.blp, guards.reviewer),
    (visits.blp, guards.resident),
    (waitlist.blp, guards.resident),
    (waitlist.offers, guards.resident),
    (staff_visits.blp, guards.reviewer),
    (staff_collections.blp, guards.counter),
    (staff_bookings.blp, guards.nurse),
    (staff_payments.blp, guards.reviewer),
    (staff_payments.failed, guards.reviewer),
    (notices.blp, guards.anyone),
    (staff_notices.blp, guards.reviewer),
    (staff_stations.blp, guards.nurse),
    (staff_account.blp, guards.account),
    (staff_tips.blp, guards.investigator),
    (staff_tip_redactions.blp, guards.investigator),
    (staff_tip_rewards.blp, guards.investigator),
    *((blp, guards.investigator) for blp in (staff_tip_keys.blp, staff_tip_transfers.blp)),
    (ratings.blp, guards.resident),
    (staff_statistics.blp, guards.reviewer),
    (staff_ratings.blp, guards.reviewer),
    *((blp, guards.administrator) for blp in (admin_staff.blp, admin_offices.blp, admin_calendars.blp)),
    (admin_messages.blp, guards.administrator),
    (admin_message_costs.blp, guards.administrator),
    *((blp, guards.administrator) for blp in (admin_items.blp, admin_health.blp, admin_stations.blp)),
    (wechat.blp, guards.resident),
    (wechat_callback.blp, guards.anyone),
    (well_known.blp, guards.anyone),
    (sms_callbacks.blp, guards.anyone),
    (health.blp, guards.anyone),
    (docs.blp, guards.anyone),
)
PREFIX = "/api/v1"
#: Outside /api/v1.
AT_ROOT = (well_known.blp.name, health.blp.name, dev.blp.name)
#: 10 MB of file and the form around it.
LARGEST_BODY = 10 * 2**20 + 256 * 2**10


def create_app(settings: Settings, runtime: Runtime | None = None) -> Flask:
    """The app of one process; tests bring a runtime of their own."""
    app = Flask("yangguang", static_folder=None, template_folder=str(ROOT / "h5" / "templates"))
    app.json = OrjsonProvider(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csrf_token"] = csrf.token
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=2 * 2**20,
        API_TITLE="阳光办 Yangguang",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "h5" / "translations"),
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    Babel(app, locale_selector=locale)  # type: ignore[no-untyped-call]
    runtime = runtime or build_runtime(settings)
    tokens.install(app, settings.secrets.session_key)
    bind(app, runtime)
    routing.install(app)
    headers.install(app)
    problems.install(app, h5.errors.page)
    _register(app, settings)
    tips = create_tips_app(runtime.tips)
    docs.beside(app, tips)
    app.wsgi_app = Beside(StoredGuides(app.wsgi_app, runtime), tips.wsgi_app, runtime.tips)  # type: ignore[method-assign]
    return app


def _register(app: Flask, settings: Settings) -> None:
    known: dict[str, str] = {}
    app.extensions["yangguang_guards"] = known
    api = Api(app)
    docs.bind(app, api)
    for blueprint, guard in API + (((dev.blp, guards.anyone),) if settings.is_demo else ()):
        _guarded(app, api, known, blueprint, guard)
    for blueprint, name in PAGES:
        _guarded(app, None, known, blueprint, getattr(guards, name))


def _guarded(app: Flask, api: Api | None, known: dict[str, str], blueprint: flask.Blueprint, guard: Guard) -> None:
    """Register one blueprint behind its guard, which runs before the body is read."""
    known[blueprint.name] = guard.__name__
    app.before_request_funcs.setdefault(blueprint.name, []).append(guard)
    if api is not None and isinstance(blueprint, Blueprint):
        prefix = "" if blueprint.name in AT_ROOT else PREFIX
        api.register_blueprint(blueprint, url_prefix=prefix + (blueprint.url_prefix or ""))  # type: ignore[no-untyped-call]
    else:
        app.register_blueprint(blueprint)
