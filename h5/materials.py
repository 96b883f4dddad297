"""Materials 材料: photos and PDFs, one after the other; with JavaScript each is sent as soon as it is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response as Answer, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications import materials
from backend.catalogue import forms as rules
from backend.catalogue.definition import ItemDefinition, MaterialRule
from backend.documents import view
from backend.documents.reading import read
from backend.kernel.errors import Problem
from backend.web import csrf
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller
from backend.web.uploads import receive
from backend.web.words import say
from h5 import cases, guides
from h5.course import course
from h5.guides import modes

blp = Blueprint("h5_materials", __name__, url_prefix="/applications/<id:application>/materials")

#: Set by upload.js: the answer is then the one section, not the whole page.
FRAGMENT = "X-Fragment"
MANDATE = "mandate-letter"
Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """``line``: kind and size; ``picture``: it has a preview."""

    href: str
    line: str
    picture: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """One material with its files and, where there is room, the field for another."""

    code: str
    label: str
    hint: str
    promise: str
    mode: str
    kind: str
    accept: str
    files: list[File]
    full: bool
    action: str
    error: str | None


@blp.get("")
def show(application: int) -> str:
    """Everything that is wanted, and what is there."""
    return _page(application, {})


@blp.post("")
def upload(application: int) -> str | Response:
    """Take one file; what is wrong with it is said beside it."""
    code, file = request.form.get("material", "").strip()[:64], request.files.get("file")
    error, status = None, 201
    if file is None or not file.filename:
        error, status = _("请先选一张照片或一个 PDF"), 422
    else:
        try:
            receive(application, code, file)
        except Problem as refused:
            if refused.status in (401, 403, 404):
                raise
            error, status = say(refused.title), refused.status
    if FRAGMENT in request.headers:
        return _fragment(application, code, error, status)
    if error:
        return make_response(_page(application, {code: error}), status)
    return redirect(f"{request.full_path.rstrip('?')}#m-{code}", 303)


@blp.post("/<id:document>/removal")
def remove(application: int, document: int) -> Response:
    """Take one file out."""
    at = runtime()
    at.db.transact(
        materials.detach,
        vault=at.vault,
        resident_id=caller().id,
        application_id=application,
        document_id=document,
        now=at.clock(),
    )
    return redirect(url_for("h5_materials.show", application=application), 303)


@blp.get("/<id:document>")
def fetch(application: int, document: int) -> Answer:
    """The file as it is kept; ``?small=1`` a preview."""
    at = runtime()
    with at.db.reading() as session:
        opened = materials.opened(
            session, vault=at.vault, resident_id=caller().id, application_id=application, document_id=document
        )
    content, mime = read(at.storage, opened.document), opened.document.mime
    if "small" in request.args:
        small, mime = view.thumbnail(content, mime, workdir=at.settings.data_dir / "uploads")
        answer = download(small, mime=mime, name="small.jpg", inline=True)
        answer.headers["Cache-Control"] = "private, max-age=3600"
        return answer
    return download(content, mime=mime, name=opened.document.name or "material", inline=mime.startswith("image/"))


def _page(application: int, wrong: dict[str, str]) -> str:
    case = cases.load(application)
    definition = cases.definition_of(case)
    return render_template(
        "applications/materials.html",
        name=cases.name_of(case),
        course=course(case, definition, "materials"),
        materials=_papers(case, definition, wrong),
    )


def _fragment(application: int, code: str, error: str | None, status: int) -> Response:
    case = cases.load(application)
    papers = _papers(case, cases.definition_of(case), {code: error} if error else {})
    paper = next((one for one in papers if one.code == code), None)
    answer = make_response(render_template("applications/material.html", one=paper, token=csrf.token()), status)
    answer.headers[FRAGMENT] = "1"
    return answer


def _papers(case: Case, definition: ItemDefinition, wrong: dict[str, str]) -> list[Paper]:
    wanted = rules.wanted_materials(definition, case["answers"])
    said = guides.papers(definition)
    papers = [_paper(rule, said[rule.code], case, wrong.get(rule.code)) for rule in wanted]
    if case["mandate"]:
        hint = _("写清谁委托谁办什么，本人签名、按手印，拍清楚")
        files = _files(case, MANDATE)
        word, kind = modes()["required"]
        full, action = len(files) >= 2, _action(case)
        accept = "image/*,application/pdf"
        papers.append(
            Paper(MANDATE, _("委托书"), hint, "", word, kind, accept, files, full, action, wrong.get(MANDATE))
        )
    return papers


def _paper(rule: MaterialRule, said: dict[str, Any], case: Case, error: str | None) -> Paper:
    files = _files(case, rule.code)
    word, kind = modes()[rule.mode]
    return Paper(
        code=rule.code,
        label=said["label"],
        hint=said.get("hint", ""),
        promise=said.get("text", ""),
        mode=word,
        kind=kind,
        accept=",".join(rule.accept),
        files=files,
        full=rule.mode in ("shared", "commitment") or len(files) >= rule.max_files,
        action=_action(case),
        error=error,
    )


def _action(case: Case) -> str:
    """The page itself with what it carries, so that it goes back where it came from."""
    return url_for("h5_materials.upload", application=case["id"], then=request.args.get("then"))


def _files(case: Case, code: str) -> list[File]:
    return [
        File(
            href=url_for("h5_materials.fetch", application=case["id"], document=file["id"]),
            line=f"{'PDF' if file['type'] == 'application/pdf' else _('照片')} · {_size(file['size'])}",
            picture=file["type"].startswith("image/"),
        )
        for file in case["materials"]
        if file["material"] == code
    ]


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, size // 1024)} KB"
