"""The page's words: ``page/words/*.json``, a file a page, each key with its English and its Chinese."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from BaseDT.language import Language

FOLDER = Path(__file__).with_name("page") / "words"


@functools.cache
def words(language: Language) -> dict[str, str]:
    """Return all words in a language, by ``file.key``."""
    found: dict[str, str] = {}
    for file in sorted(FOLDER.glob("*.json")):
        for key, both in json.loads(file.read_text(encoding="utf-8")).items():
            found[f"{file.stem}.{key}"] = both[language]
    return found
