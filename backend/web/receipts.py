"""Where a receipt can be seen."""

from __future__ import annotations

from backend.kernel import ids
from backend.web.context import runtime


def links(application_id: int, number: str, token: str) -> dict[str, str]:
    """``url`` is what the QR code opens: anyone may check there that the receipt is genuine."""
    api = f"/api/v1/applications/{ids.encode(application_id)}"
    return {
        "number": number,
        "url": f"{runtime().settings.base_url}/v/{token}",
        "qr_svg_url": f"{api}/receipt.svg",
        "pdf_url": f"{api}/receipt.pdf",
    }
