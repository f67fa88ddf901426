"""Text: lines that were read in a picture, their corners, their words, their drawing.

No exported model of ours gives it by itself: ``XEdu.presets.text`` runs several networks one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo, newer
from BaseDT.results import TextResult
from XEdu.outputs.key_names import COMMON, translated
from XEdu.outputs.kind import OutputBatch, OutputKind

_VOCABULARY = {
    **COMMON,
    "文本": ("text", "текст", "Text", "texte"),
    "坐标": ("box", "рамка", "Rahmen", "cadre"),
    "顶点": ("corners", "углы", "Ecken", "coins"),
}
_ROW = {name: words[0] for name, words in _VOCABULARY.items()}
_SHOWN = 3  # lines over a live picture


def _decode(batch: OutputBatch, info: ModelInfo, threshold: float) -> list[list[TextResult]]:
    """Refuse: one network does not read.

    Raises:
        ModelUnsupported: Always (-206).
    """
    del batch, info, threshold
    raise newer(say("The model", "该模型"), say("it gives text by itself", "它直接输出文本"))


def _holds(result: object) -> bool:
    """Whether it is a line, or the list of a picture's; an empty list is a detector's."""
    results = result if isinstance(result, list) else [result]
    return bool(results) and all(isinstance(line, TextResult) for line in results)


def _in_words(result: list[TextResult] | TextResult, lang: str) -> Any:
    if isinstance(result, TextResult):
        return translated(result.to_chinese(), lang, _VOCABULARY)
    return [_in_words(line, lang) for line in result]


def _documented(lines: Sequence[TextResult]) -> list[dict[str, Any]]:
    return [line.to_chinese() for line in lines]


def _row(documented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"lines": [{_ROW[name]: value for name, value in line.items()} for line in documented]}


def _summary(documented: Sequence[Mapping[str, Any]]) -> str:
    return _texts([str(line["文本"]) for line in documented], len(documented))


def _line(lines: Sequence[TextResult]) -> str:
    return _texts([line.text for line in lines], _SHOWN)


def _texts(texts: Sequence[str], most: int) -> str:
    if not texts:
        return say("no text", "没有文字")
    shown = " / ".join(one_line(text) for text in texts[:most])
    return f"{shown} …" if len(texts) > most else shown


def _names(lines: Sequence[TextResult]) -> list[str]:
    return [line.text for line in lines]


def _draw(picture: Pixels, lines: Sequence[TextResult], *, enlarge: bool = True) -> Pixels:
    from BaseDT import draw  # late: who draws nothing loads no fonts

    return draw.text_lines(picture, lines, enlarge=enlarge)


KIND = OutputKind(
    name="text",
    decode=_decode,
    holds=_holds,
    in_words=_in_words,
    threshold=0.5,
    deploy_threshold=0.5,
    documented=_documented,
    row=_row,
    summary=_summary,
    names=_names,
    draw=_draw,
    line=_line,
)
