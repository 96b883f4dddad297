"""Charts drawn on the server by pygal, as pictures of their own: no script in them, colours for light and dark.

The library costs 8 MB and a tenth of a second: it is loaded with the first chart, not with every web process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any
from xml.etree import ElementTree

#: (words, values); ``None`` where there is nothing to say.
Series = tuple[str, Sequence[int | None]]
WIDTH = 420
#: Colours of tokens.css, said again because a picture cannot see the page's.
CSS = """
text{font-family:system-ui,-apple-system,"PingFang SC","Noto Sans CJK SC","Noto Sans SC",sans-serif;fill:#16211b}
.background{fill:none}.axis .line,.axis .guide.line{stroke:#dfe3de;fill:none}.axis .major.line{stroke:#dfe3de}
.axis.y text{text-anchor:end}.axis.x text,.title{text-anchor:middle}
.text-overlay text{transform:translateX(9px)}.text-overlay{font-size:14px}
.axis text,.legends text{font-size:14px}.nofill{fill:none}.reactive{stroke-width:2}.showable{visibility:hidden}
.color-0{fill:#0a7a43;stroke:#0a7a43}.color-1{fill:#9db8a9;stroke:#6b8a79}.dot{stroke-width:1}
.line-graph .color-1 .line{stroke-dasharray:6 4}text,tspan{stroke:none}
@media (prefers-color-scheme:dark){text{fill:#e8eeea}.axis .line,.axis .guide.line,.axis .major.line{stroke:#303a34}
.color-0{fill:#45bd7d;stroke:#45bd7d}.color-1{fill:#5d7568;stroke:#8fa699}}
@media print{text{fill:#000}.color-0{fill:#000;stroke:#000}.color-1{fill:#bbb;stroke:#666}}
"""


def bars(labels: Sequence[str], series: Sequence[Series]) -> bytes:
    """One group of lying bars per label, the first on top, each bar with its number."""
    height = 70 + len(labels) * (22 * len(series) + 10)
    # The library reckons with narrow letters: Chinese ones need as much room again.
    room = 6 + max((sum(ord(sign) > 0x2E80 for sign in label) for label in labels), default=0) * 7
    chart = _chart(
        "HorizontalBar", height, print_values=True, print_values_position="top", margin_left=room, margin_right=34
    )
    chart.x_labels = list(reversed(labels))
    for words, values in series:
        chart.add(words, list(reversed(values)))
    return _drawn(chart)


def lines(labels: Sequence[str], series: Sequence[Series]) -> bytes:
    """One line per series over the labels, from zero."""
    chart = _chart("Line", 260, include_x_axis=True, dots_size=4, stroke_style={"width": 2}, min_scale=3)
    chart.x_labels = list(labels)
    for words, values in series:
        chart.add(words, list(values))
    return _drawn(chart)


def _chart(kind: str, height: int, **options: Any) -> Any:
    pygal = import_module("pygal")
    style = import_module("pygal.style").Style(
        label_font_size=14, major_label_font_size=14, legend_font_size=14, value_font_size=14
    )
    make: Callable[..., Any] = getattr(pygal, kind)
    return make(
        width=WIDTH, height=height, style=style, js=(), css=(), no_prefix=True, margin=6, legend_at_bottom=True,
        legend_at_bottom_columns=2, formatter=str, max_scale=6, **options,
    )  # fmt: skip


def _drawn(chart: Any) -> bytes:
    """The picture without the library's script, comments and style."""
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.split("}")[-1] in ("script", "style", "desc"):
                parent.remove(child)
    style = ElementTree.Element("style")
    style.text = CSS.replace("\n", "")
    root.insert(0, style)
    return ElementTree.tostring(root, encoding="utf-8")
