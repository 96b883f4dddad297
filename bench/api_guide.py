"""A guide over HTTP, as everyone reads it, against a Flask hello on the same server."""

from __future__ import annotations

from functools import partial

from bench import county
from bench.context import Context
from bench.harness import Figure, compare


def run(context: Context) -> list[Figure]:
    """Requests per second at 32 connections."""
    settings, environment = context.installation("bench_guide")
    county.populated(settings).db.dispose()
    hello = context.serve("bench.floors:app", environment)
    guide = context.serve("ops.web:app", environment) + "/api/v1/service-items/migrant-proof"
    return [
        compare(
            "api_guide",
            floor=partial(context.requests_per_second, hello),
            ours=partial(context.requests_per_second, guide),
            goal="≥ 0.9",
            unit="requests/s",
        )
    ]
