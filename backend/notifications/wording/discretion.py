"""What a message outside must not say: it shows on a locked screen and is read over a shoulder (PRODUCT §4)."""

from __future__ import annotations

#: Nothing about anyone's health or family. English words are compared in lower case, in whatever word they stand.
HEALTH_WORDS = (
    "孕", "产", "避孕", "检查", "体检", "化验", "检测", "疾病", "病", "乙肝", "梅毒", "艾滋", "残", "死亡", "生育",
    "子女", "婚", "流产", "手术", "胎", "妇", "医院", "独生", "失独", "pregnan", "birth", "child", "marri", "health",
    "disease", "test result", "checkup", "check-up", "hospital", "clinic", "disab", "abort",
)  # fmt: skip


def health_words(text: str) -> list[str]:
    """Those of the words that a text holds."""
    lower = text.lower()
    return [word for word in HEALTH_WORDS if word in lower]
