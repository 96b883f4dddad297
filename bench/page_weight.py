"""What a phone must fetch for the home page and for the form: everything, compressed, at the first visit and again."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import Client

from backend.app import create_app
from backend.kernel import ids
from bench import county
from bench.context import Context
from bench.harness import Figure, absolute
from tests import factories

PART = re.compile(r"""(?:href|src)="([^"#]+\.(?:css|js|svg|png|webp|ico|webmanifest|woff2)[^"]*)\"""")
FOREVER = "immutable"


def run(context: Context) -> list[Figure]:
    """Kilobytes with gzip. At the second visit only what may have changed is fetched again."""
    settings, _ = context.installation("bench_pages")
    cast = county.populated(settings)
    case = factories.draft(cast)
    app = create_app(settings)
    (_, token), *_ = county.signed_in(cast, app, [cast.residents["王㐂"]])
    pages = {"home": (["/"], 45), "form": (_questions(app, token, case), 60)}
    found = []
    for name, (paths, most) in pages.items():
        first, again = max(_weigh(app, token, path) for path in paths)
        found += [
            absolute(f"page_weight_{name}", first / 1000, goal=f"≤ {most}", unit="kB, first visit"),
            absolute(f"page_weight_{name}_again", again / 1000, goal="≤ 6", unit="kB, second visit"),
        ]
    cast.db.dispose()
    return found


def _client(app: Flask, token: str) -> Client:
    client = app.test_client()
    client.set_cookie("yg_resident", token)
    return client


def _questions(app: Flask, token: str, case: int) -> list[str]:
    """Every page of the form, as the overview of a complete draft links them: the heaviest counts."""
    said = _client(app, token).get(f"/applications/{ids.encode(case)}/review").text
    found = sorted(set(re.findall(r'"(/applications/\w+/steps/[\w-]+)', said)))
    if not found:
        raise SystemExit("the overview links no page of the form")
    return found


def _weigh(app: Flask, token: str, path: str) -> tuple[int, int]:
    """Bytes of bodies at the first visit, and at the second."""
    client, headers = _client(app, token), {"Accept-Encoding": "gzip"}
    page = client.get(path, headers=headers)
    words = client.get(path).text
    parts = {urljoin(path, part.replace("&amp;", "&")) for part in PART.findall(words) if not urlsplit(part).netloc}
    answers = [client.get(part, headers=headers) for part in sorted(parts)]
    if page.status_code != 200 or any(answer.status_code != 200 for answer in answers):
        raise SystemExit(f"{path} or a part of it is not there")
    changing = [len(a.data) for a in answers if FOREVER not in a.headers.get("Cache-Control", "")]
    return len(page.data) + sum(len(a.data) for a in answers), len(page.data) + sum(changing)
