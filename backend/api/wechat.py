"""WeChat's JavaScript for clients that show our pages inside WeChat."""

from __future__ import annotations

from typing import Any

from backend.schemas.wechat import JsSignatureQuery, JsSignatureSchema
from backend.web import jssdk
from backend.web.blueprint import Blueprint

blp = Blueprint("wechat", __name__, url_prefix="/wechat", description="微信：页面上的 JS-SDK")


@blp.get("/js-signature")
@blp.arguments(JsSignatureQuery, location="query")
@blp.response(200, JsSignatureSchema)
def js_signature(query: dict[str, Any]) -> Any:
    """The signature of one page for wx.config

    `url` is a page of this site, without its fragment. 503 where the installation has no service account, or WeChat
    does not answer: the page then offers text messages only.
    """
    return jssdk.signed(query["url"])
