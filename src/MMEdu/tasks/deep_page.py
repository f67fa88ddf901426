"""What a deep check found, to look at and to act on: ``deep.html`` and ``deep.csv``. Torch-free; nothing is changed.

The page needs no other file and no network: its pictures are in it.
"""

from __future__ import annotations

import base64
import csv
import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from BaseDT import contents, draw, image
from BaseDT.errors import XEduError
from BaseDT.escaping import one_line, table_cell
from BaseDT.files import write_together
from BaseDT.image import Pixels
from BaseDT.language import say

_TILE, _QUALITY = 160, 80
_GROUPS, _PICTURES = 60, 8  # on the page, of a section and of a group; the table has all
_BOX = (0, 0, 255)
_STYLE = (
    "body{font-family:sans-serif;margin:1.5em;background:#fff;color:#222}h2{margin:1.5em 0 .2em}"
    ".g{display:flex;flex-wrap:wrap;gap:.6em;border-top:1px solid #ccc;padding:.6em 0}"
    "figure{margin:0;width:160px;font-size:.75em;overflow-wrap:anywhere}img{display:block}b{display:block}"
)


@dataclass(frozen=True)
class Shown:
    """A picture of a finding.

    Attributes:
        path: Where it lies.
        name: What to call it: its path in the data set.
        part: ``train``, ``val`` or ``test``.
        label: The name of its class; empty where pictures have none.
        note: What is odd about it; empty where the section says it.
        boxes: To be drawn on it, (x1, y1, x2, y2) in pixels of the picture.
    """

    path: Path
    name: str
    part: str
    label: str = ""
    note: str = ""
    boxes: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True)
class Section:
    """Findings of one kind.

    Attributes:
        kind: What programs call it.
        title: What was found, in a few words.
        advice: What to do, in a sentence.
        groups: Pictures that belong together, side by side.
    """

    kind: str
    title: str
    advice: str
    groups: tuple[tuple[Shown, ...], ...]

    def line(self) -> str:
        """Say how much was found, and the first example."""
        names = " ~ ".join(one_line(shown.name) for shown in self.groups[0][:2])
        return f"{self.title}: {len(self.groups)} ({names}). {self.advice}"

    def content(self) -> dict[str, object]:
        """Return it as plain data."""
        groups = [
            [{"file": str(s.path), "part": s.part, "class": s.label, "note": s.note} for s in group]
            for group in self.groups
        ]
        return {"kind": self.kind, "title": self.title, "advice": self.advice, "groups": groups}


def write(
    folder: Path, root: Path, sections: Sequence[Section], remarks: Sequence[str], bits: int
) -> tuple[Path, Path]:
    """Write the page and the table; returns where they are.

    Args:
        folder: Where they go.
        root: The data set's folder, named on the page.
        sections: What was found.
        remarks: What else the user should know.

    Raises:
        PathNotWritable: It cannot be written there (-104).
    """
    page, table = folder / "deep.html", folder / "deep.csv"
    content = "\n".join(_page(root, sections, remarks, bits))
    write_together({page: content.encode("utf-8", "replace"), table: _table(sections)})
    return page, table


def _table(sections: Sequence[Section]) -> bytes:
    """A row for each picture; with the mark that lets a spreadsheet read Chinese."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["kind", "group", "file", "part", "class", "note"])
    for section in sections:
        for number, group in enumerate(section.groups, 1):
            for shown in group:
                cells = map(table_cell, (shown.name, shown.part, shown.label, shown.note))
                writer.writerow([section.kind, number, *cells])
    return stream.getvalue().encode("utf-8-sig", "replace")


def _page(root: Path, sections: Sequence[Section], remarks: Sequence[str], bits: int) -> Iterator[str]:
    title = say("What a closer look at the data found", "对数据集的深入检查")
    yield f'<!doctype html><html lang="{say("en", "zh")}"><head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{_STYLE}</style></head><body><h1>{title}</h1><p>{_text(str(root))}</p>"
    if not sections:
        yield f"<p>{say('Nothing conspicuous.', '没有发现可疑之处。')}</p>"
    nothing_changed = say(
        "Nothing was changed. deep.csv beside this page lists all files.",
        "数据没有任何改动。旁边的 deep.csv 列出了所有文件。",
    )
    yield f"<p>{nothing_changed}</p>"
    yield from (f"<p>{_text(remark)}</p>" for remark in remarks)
    for section in sections:
        yield f"<h2>{_text(section.title)} ({len(section.groups)})</h2><p>{_text(section.advice)}</p>"
        for group in section.groups[:_GROUPS]:
            figures = "".join(_figure(shown, bits) for shown in group[:_PICTURES])
            yield f'<div class="g">{figures}{_more(len(group) - _PICTURES)}</div>'
        yield _more(len(section.groups) - _GROUPS)
    yield "</body></html>"


def _more(number: int) -> str:
    if number <= 0:
        return ""
    return f"<p>{say(f'and {number} more in deep.csv', f'另有 {number} 项，见 deep.csv')}</p>"


def _figure(shown: Shown, bits: int) -> str:
    words = " · ".join(filter(None, (shown.part, shown.label)))
    note = f"<b>{_text(shown.note)}</b>" if shown.note else ""
    picture = _thumbnail(shown, bits)
    drawn = f'<img width="{_TILE}" height="{_TILE}" alt="" src="data:image/jpeg;base64,{picture}">' if picture else ""
    return f"<figure>{drawn}{note}{_text(words)}<br>{_text(shown.name)}</figure>"


def _thumbnail(shown: Shown, bits: int) -> str:
    """Return a small picture as JPEG in base64; empty where it cannot be read any more."""
    try:
        pixels = image.decode(contents.read_bytes(shown.path), name=shown.path.name, bits=bits)
    except (XEduError, OSError):
        return ""
    small = draw.thumbnail(_with_boxes(pixels, shown.boxes), _TILE)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return base64.b64encode(data.tobytes()).decode("ascii")


def _with_boxes(pixels: Pixels, boxes: Sequence[tuple[float, float, float, float]]) -> Pixels:
    if not boxes:
        return pixels
    drawn = pixels.copy()
    width = max(1, round(max(pixels.shape[:2]) / 80))
    for x1, y1, x2, y2 in boxes:
        cv2.rectangle(drawn, (round(x1), round(y1)), (round(x2), round(y2)), _BOX, width)
    return drawn


def _text(words: str) -> str:
    return html.escape(one_line(words))
