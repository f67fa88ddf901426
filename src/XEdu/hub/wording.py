"""Results as dictionaries in the languages of ``format_output``. The Chinese ones are those of the documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from BaseDT.errors import ParameterInvalid, did_you_mean
from BaseDT.language import say
from BaseDT.results import ClassificationResult, DetectionResult

Results = ClassificationResult | list[DetectionResult]


@dataclass(frozen=True)
class Words:
    """The keys of a result in one language."""

    label: str
    score: str
    box: str
    name: str
    file: str


_WORDS = {
    "zh": Words("标签", "置信度", "坐标", "预测结果", "文件名"),
    "en": Words("label", "confidence", "coordinates", "prediction", "file"),
    "ru": Words("метка", "уверенность", "координаты", "предсказание", "файл"),
    "de": Words("Label", "Konfidenz", "Koordinaten", "Vorhersage", "Datei"),
    "fr": Words("étiquette", "confiance", "coordonnées", "prédiction", "fichier"),
}


def checked(lang: object) -> str:
    """Return the name of a language as it is known here.

    Raises:
        ParameterInvalid: There is no such language (-305).
    """
    if isinstance(lang, str) and lang.lower() in _WORDS:
        return lang.lower()
    known = ", ".join(_WORDS)
    hint = say(f"Known: {known}.", f"可用：{known}。")
    near = did_you_mean(lang, _WORDS) if isinstance(lang, str) else ""
    raise ParameterInvalid(f"lang={lang!r} is no language of the results.", hint=f"{near} {hint}".strip())


def shown(result: object, lang: str = "zh") -> Any:
    """Return a result with plain numbers, its keys in one language; what is no result of ours stays as it is.

    Args:
        result: A class, the boxes of one picture, or what a function of the user's returned.
        lang: As ``checked`` returned it.
    """
    if isinstance(result, (ClassificationResult, DetectionResult)):
        return _translated(result.to_chinese(), lang)
    if isinstance(result, list):
        return [shown(part, lang) for part in result]
    return result


def _translated(values: Any, lang: str) -> Any:
    if lang == "zh":
        return values
    keys = dict(zip(vars(_WORDS["zh"]).values(), vars(_WORDS[lang]).values(), strict=True))
    return {keys.get(key, key): value for key, value in values.items()}
