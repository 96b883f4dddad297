"""Materials 材料 of an application: hand in, look at, take out."""

from __future__ import annotations

from flask import Response, request

from backend.applications import materials, views
from backend.documents.reading import read
from backend.kernel.errors import Invalid, Malformed
from backend.kernel.i18n import N_
from backend.schemas.applications import MaterialSchema
from backend.schemas.materials import UploadSchema
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.cases import own
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller
from backend.web.uploads import receive

blp = Blueprint("materials", __name__, url_prefix="/applications", description="Materials 材料 of an application")


@blp.post("/<id:application_id>/materials")
@blp.doc(requestBody={"content": {"multipart/form-data": {"schema": UploadSchema}}, "required": True})
@blp.response(201, MaterialSchema)
def upload(application_id: int) -> Response:
    """Hand in one file (JPEG, PNG, WebP, HEIC or PDF, up to 10 MB); it is checked, re-made and encrypted."""
    file = request.files.get("file")
    code = request.form.get("material", "").strip()
    if file is None or not code:
        raise _incomplete(file is not None, bool(code))
    document_id = receive(application_id, code, file)
    return json(_material(application_id, document_id), 201)


@blp.get("/<id:application_id>/materials/<id:document_id>")
@blp.response(200, content_type="application/octet-stream")
def fetch(application_id: int, document_id: int) -> Response:
    """The file as it was kept."""
    document = _opened(application_id, document_id).document
    return download(read(runtime().storage, document), mime=document.mime, name=document.download_name)


@blp.delete("/<id:application_id>/materials/<id:document_id>")
@blp.response(204)
def remove(application_id: int, document_id: int) -> None:
    """Take a file out of a draft or an open correction."""
    runtime().db.transact(materials.detach, **own(application_id), document_id=document_id)


def _material(application_id: int, document_id: int) -> dict[str, object]:
    opened = _opened(application_id, document_id)
    return views.material(opened.document, opened.definition)


def _opened(application_id: int, document_id: int) -> materials.Opened:
    at = runtime()
    with at.db.reading() as session:
        return materials.opened(
            session, vault=at.vault, resident_id=caller().id, application_id=application_id, document_id=document_id
        )


def _incomplete(has_file: bool, has_code: bool) -> Invalid | Malformed:
    if not request.mimetype.startswith("multipart/"):
        return Malformed("malformed", N_("请用表单（multipart/form-data）上传"))
    errors = {} if has_file else {"file": [N_("请选一个文件")]}
    if not has_code:
        errors["material"] = [N_("请说明这是哪份材料")]
    return Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
