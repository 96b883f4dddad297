"""The guide 办事指南 of a file: what a person reads before beginning. Checked here, served as written."""

from __future__ import annotations

from backend.catalogue.reader import Reader

GROUPS = ("talk", "body", "laboratory")


def read_guide(guide: Reader) -> None:
    """Check every part of ``[guide]``; English beside each Chinese text is optional but for the online note."""
    guide.text("who", max_length=500)
    guide.text("who_en", max_length=2000, default="")
    guide.texts("conditions", least=1)
    guide.texts("conditions_en", max_length=2000)
    guide.text("result", max_length=200)
    guide.text("result_en", max_length=800, default="")
    guide.number("visits", 0, 9)
    guide.number("takes_minutes", 0, 600, default=0)
    guide.number("fee", 0, 0)
    guide.text("contact", max_length=300)
    guide.text("contact_en", max_length=1200, default="")
    guide.both("online", max_length=200, default="")
    guide.text("link", max_length=300, default="")
    for basis in guide.tables("legal_basis"):
        _texts(basis, "title", optional=("number", "text"))
    if not guide.has("legal_basis"):
        guide.fault("legal_basis", "请至少写一条依据 [[guide.legal_basis]]")
    for entry in guide.tables("faq"):
        _texts(entry, "question", "answer", optional=("question_en", "answer_en"))
    for local in guide.tables("local_rules"):
        local.texts("regions", least=1, max_length=12)
        _texts(local, "text", optional=("text_en",))
    _read_items(guide)
    guide.finish()


def _read_items(guide: Reader) -> None:
    """The checks of a checkup: ``code`` stays for ever; ``later``: not done on the day of the visit.

    ``group``: what people do for it: talk, be examined, give blood and urine.
    """
    codes: set[str] = set()
    for part in guide.tables("items"):
        code = part.text("code", max_length=32)
        if code in codes:
            part.fault("code", f"{code} 写了两次")
        codes.add(code)
        part.texts("for", least=1, max_length=10)
        part.flag("later", default=False)
        part.choice("group", GROUPS, default="talk")
        _texts(part, "name", "name_en", optional=())


def _texts(reader: Reader, *needed: str, optional: tuple[str, ...]) -> None:
    for key in needed:
        reader.text(key, max_length=1000)
    for key in optional:
        reader.text(key, max_length=2000, default="")
    reader.finish()
