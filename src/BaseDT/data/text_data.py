"""``TextData``: texts and dictionaries as numbers, for learners that want vectors. numpy alone comes in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from numbers import Real

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import checked_flag, documented, invalid
from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import english, say

Record = Mapping[str, float | str]
Features = dict[str, float]

# Scripts that write words without spaces: Han and the Japanese syllables.
_UNSPACED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def words(text: str) -> list[str]:
    """Split a text: words and numbers in lower case, and every Chinese character by itself; punctuation is left out.

    A single character needs no dictionary, and is a fair feature in Chinese. Who wants words gives a splitter of his
    own, such as ``jieba.lcut``.
    """
    return _TOKEN.findall(text.lower())


class TextData:
    """Texts, or dictionaries, as vectors. 文本数据：把文本或字典变成向量。

    Attributes:
        raw_value: The texts or dictionaries, as a list.
        vocabulary: What each column counts, sorted; empty without ``vectorize``.
    """

    @documented
    def __init__(
        self,
        texts: str | Record | Sequence[str] | Sequence[Record],
        vectorize: bool = True,
        *,
        vocabulary: Sequence[str] | None = None,
        split: Callable[[str], Sequence[str]] = words,
    ) -> None:
        """Count the words of texts, or lay out the entries of dictionaries.

        A dictionary gives a column for each name: a number is its value, a text is a column ``name=text`` that is 1.

        Args:
            texts: A text, a dictionary, or a list of one of these.
            vectorize: Whether to make vectors; without it ``value`` are the texts.
            vocabulary: The columns of earlier texts, so that new ones get the same; what is not in it is left out.
            split: Splits a text into words.

        Raises:
            ParameterInvalid: These are no texts or dictionaries, or none at all; or the vocabulary is no list of
                different words (-305).
        """
        self.raw_value = _listed(texts)
        checked_flag("vectorize", vectorize)
        if not callable(split):
            raise invalid("split", split, "a function of a text", "接收文本的函数")
        self._vectors = np.zeros((len(self.raw_value), 0))
        self.vocabulary: list[str] = []
        if vectorize:
            rows = [_features(item, split) for item in self.raw_value]
            self.vocabulary = (
                sorted({name for row in rows for name in row}) if vocabulary is None else _columns(vocabulary)
            )
            self._vectors = _matrix(rows, self.vocabulary)
            if isinstance(self.raw_value[0], str):
                self._vectors = self._vectors.astype(np.int64)
        self._vectorized = vectorize

    @property
    def value(self) -> npt.NDArray[np.int64] | npt.NDArray[np.float64] | list[str] | list[Record]:
        """The vectors, N×columns, N being 1 for a single text: counts, or the numbers of dictionaries (向量)."""
        return self._vectors if self._vectorized else self.raw_value


def _listed(texts: object) -> list[str] | list[Record]:
    items = list(texts) if isinstance(texts, (list, tuple)) else [texts]
    if items and any(all(isinstance(item, kind) for item in items) for kind in (str, Mapping)):
        return items  # type: ignore[return-value]
    actual = say("an empty list", "空列表") if not items else f"{type(texts).__name__} {quoted(texts)}"[:80]
    raise _invalid(
        say(f"texts is {english(actual)}.", f"texts 是{actual}。"),
        "Expected a text, a dictionary, or a list of texts or of dictionaries.",
        "应为文本、字典，或由文本（或字典）组成的列表。",
    )


def _columns(vocabulary: object) -> list[str]:
    if not isinstance(vocabulary, (list, tuple)) or not all(isinstance(word, str) for word in vocabulary):
        raise _invalid(
            say(
                f"vocabulary is {quoted(vocabulary)}, no list of words.",
                f"vocabulary 是 {quoted(vocabulary)}，不是词的列表。",
            ),
            "Give the vocabulary of the earlier TextData: vocabulary=earlier.vocabulary.",
            "请传入之前 TextData 的词表：vocabulary=之前的对象.vocabulary。",
        )
    twice = [word for word, count in Counter(vocabulary).items() if count > 1]
    if twice:
        raise _invalid(
            say(f"vocabulary holds {twice[0]!r} more than once.", f"vocabulary 中 {twice[0]!r} 出现了不止一次。"),
            "Each word is one column: leave the repeated ones out.",
            "每个词对应一列：请去掉重复的词。",
        )
    return [*vocabulary]


def _features(item: str | Record, split: Callable[[str], Sequence[str]]) -> Features:
    if isinstance(item, str):
        return {word: float(count) for word, count in Counter(split(item)).items()}
    return dict(_column(name, value) for name, value in item.items())


def _column(name: object, value: object) -> tuple[str, float]:
    if isinstance(value, str):
        return f"{name}={value}", 1.0
    if isinstance(value, Real):
        return str(name), float(value)
    raise _invalid(
        say(
            f"the entry {quoted(name)} is {type(value).__name__} {quoted(value)}.",
            f"条目 {quoted(name)} 是 {type(value).__name__} {quoted(value)}。",
        )[:120],
        "Expected a number or a text.",
        "应为数字或文本。",
    )


def _matrix(rows: Sequence[Features], vocabulary: Sequence[str]) -> npt.NDArray[np.float64]:
    columns = {name: column for column, name in enumerate(vocabulary)}
    matrix = np.zeros((len(rows), len(vocabulary)))
    for index, row in enumerate(rows):
        for name, value in row.items():
            if name in columns:
                matrix[index, columns[name]] = value
    return matrix


def _invalid(message: str, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(message, hint=say(en, zh))
