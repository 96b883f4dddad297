"""Why a file is not taken, in words that say what to do. The keys are what the sandbox reports."""

from __future__ import annotations

import errno
from typing import Final

from backend.gateways.storage import refusal
from backend.kernel.errors import Invalid, Problem, TooLarge, Unavailable, Unsupported
from backend.kernel.i18n import N_, Text

WORDS: Final[dict[str, Text]] = {
    "empty": N_("这个文件是空的，请重新选一次"),
    "broken": N_("这个文件打不开，可能没传完整，请重新拍照或重新选一次"),
    "too_many_pixels": N_("这张照片太大，超过 4000 万像素，请用普通尺寸重新拍一张"),
    "too_many_pages": N_("这个 PDF 超过 20 页，请只留需要的页，或分成几个文件"),
    "encrypted": N_("这个 PDF 设了密码，请去掉密码后再传，也可以直接拍照上传"),
    "too_complex": N_("这个文件太复杂，处理不了，请改成拍照上传"),
    "too_long": N_("这段录音超过 60 分钟，请截成几段再传"),
}
#: What a decoder may report.
REASONS: Final = (*WORDS, "storage_full", "video")


def rejected(reason: str) -> Problem:
    """422 ``file_rejected`` with the sentence of this reason; 503 ``storage_full`` when the machine had no room,
    415 for a film in what might have been a recording."""
    if reason == "storage_full":
        return refusal(OSError(errno.ENOSPC, reason))
    if reason == "video":
        return not_evidence()
    words = WORDS[reason]
    return Invalid("file_rejected", words, errors={"file": [words]}, extra={"reason": reason})


def too_large() -> TooLarge:
    words = N_("这个文件超过 10 MB，请改用拍照，或压缩后再传")
    return TooLarge("file_too_large", words, errors={"file": [words]})


def wrong_type() -> Unsupported:
    words = N_("只收照片（JPEG、PNG、WebP、HEIC）和 PDF，请换一个文件")
    return Unsupported("file_type", words, errors={"file": [words]})


def too_large_evidence() -> TooLarge:
    words = N_("这个文件超过 20 MB，请拍小一点，或把录音截成几段再传")
    return TooLarge("file_too_large", words, errors={"file": [words]})


def not_evidence() -> Unsupported:
    words = N_("只收照片、录音和 PDF。文档、表格、压缩包和视频，请拍照或存成 PDF 再传")
    return Unsupported("file_type", words, errors={"file": [words]})


def not_pdf() -> Unsupported:
    words = N_("这里只收 PDF，请把纸质的扫描成 PDF 再传")
    return Unsupported("file_type", words, errors={"file": [words]})


def busy() -> Unavailable:
    return Unavailable("files_busy", N_("正在处理的文件很多，请过半分钟再传，已填的内容都在"), retry_after=30)


def out_of_order() -> Unavailable:
    return Unavailable("files_unavailable", N_("现在处理不了文件，请稍后再传，已填的内容都在"), retry_after=300)
