"""The languages of ``format_output``, and what the keys of results are called in them.

The Chinese ones are those of the documents. Keys that only one kind has live with that kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from BaseDT.arguments import checked_name

LANGUAGES = ("zh", "en", "ru", "de", "fr")
Vocabulary: TypeAlias = Mapping[str, tuple[str, str, str, str]]
"""The key in Chinese, and the same in English, Russian, German and French."""
COMMON: Vocabulary = {
    "标签": ("label", "метка", "Label", "étiquette"),
    "置信度": ("confidence", "уверенность", "Konfidenz", "confiance"),
    "预测结果": ("prediction", "предсказание", "Vorhersage", "prédiction"),
    "文件名": ("file", "файл", "Datei", "fichier"),
}


def checked_language(lang: object) -> str:
    """Return the name of a language as it is known here.

    Raises:
        ParameterInvalid: There is no such language (-305).
    """
    return checked_name("lang", lang, {name: name for name in LANGUAGES})


def translated(values: Mapping[str, Any], lang: str, vocabulary: Vocabulary = COMMON) -> dict[str, Any]:
    """Return a dictionary with its Chinese keys in a language; a key that is not in the vocabulary stays."""
    if lang == "zh":
        return dict(values)
    column = LANGUAGES.index(lang) - 1
    return {vocabulary[key][column] if key in vocabulary else key: value for key, value in values.items()}
