"""PDFs and pictures, in the heavy process only; the same bytes under the same key each time, so never marked."""

from __future__ import annotations

from backend.applications import copying
from backend.certificates import rendering
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers.kinds import repeatable


def _certificate(runtime: Runtime, row: Leased) -> None:
    rendering.render_certificate(
        runtime.db,
        runtime.vault,
        runtime.storage,
        runtime.seal,
        certificate_id=row.subject_id,
        base_url=runtime.settings.base_url,
        now=runtime.clock(),
    )


def _receipt(runtime: Runtime, row: Leased) -> None:
    rendering.render_receipt(
        runtime.db,
        runtime.vault,
        runtime.storage,
        receipt_id=row.subject_id,
        base_url=runtime.settings.base_url,
        now=runtime.clock(),
    )


def _copy(runtime: Runtime, row: Leased) -> None:
    copying.render(
        runtime.db,
        runtime.vault,
        runtime.storage,
        revision_id=row.subject_id,
        base_url=runtime.settings.base_url,
        now=runtime.clock(),
    )


copies = repeatable(_copy)
certificates = repeatable(_certificate)
receipts = repeatable(_receipt)
