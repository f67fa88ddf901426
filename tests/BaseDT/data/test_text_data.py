"""Texts and dictionaries as vectors; the same numbers as the field's usual tools where these agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from BaseDT.data import TextData
from BaseDT.errors import ParameterInvalid, ParameterUnknown


def test_the_words_of_a_text_are_counted() -> None:
    data = TextData("The cat sees the other cat.")
    assert data.vocabulary == ["cat", "other", "sees", "the"]
    assert data.value.tolist() == [[2, 1, 1, 2]]
    assert data.value.dtype == np.int64


def test_many_texts_share_their_columns() -> None:
    data = TextData(["red red blue", "green"])
    assert data.vocabulary == ["blue", "green", "red"]
    assert data.value.tolist() == [[1, 0, 2], [0, 1, 0]]


def test_chinese_is_counted_by_characters_and_latin_by_words() -> None:
    data = TextData("我爱我的GPU，3 台！")
    assert dict(zip(data.vocabulary, data.value[0].tolist(), strict=True)) == {
        "我": 2,
        "爱": 1,
        "的": 1,
        "gpu": 1,
        "3": 1,
        "台": 1,
    }


def test_other_scripts_and_accents_stay_words() -> None:
    assert TextData("Привет café naïve snake_case").vocabulary == ["café", "case", "naïve", "snake", "привет"]


def test_a_splitter_of_ones_own_is_used() -> None:
    assert TextData("我 喜欢 猫", split=str.split).vocabulary == ["喜欢", "我", "猫"]


def test_dictionaries_become_numbers_and_one_column_for_each_text() -> None:
    data = TextData([{"city": "北京", "t": 3.5, "sunny": True}, {"city": "上海", "t": 2}])
    assert data.vocabulary == ["city=上海", "city=北京", "sunny", "t"]
    assert data.value.tolist() == [[0, 1, 1, 3.5], [1, 0, 0, 2]]
    assert TextData({"a": 1, "b": 2}).value.tolist() == [[1, 2]]


def test_the_numbers_are_those_of_scikit_learn() -> None:
    extraction = pytest.importorskip("sklearn.feature_extraction")
    records = [{"city": "Rome", "t": 3.0}, {"city": "Oslo", "wind": 7}, {"t": 1}]
    expected = extraction.DictVectorizer(sparse=False).fit(records)
    data = TextData(records)
    assert data.vocabulary == expected.get_feature_names_out().tolist()
    np.testing.assert_array_equal(data.value, expected.transform(records))
    texts = ["the first text is first", "and the second"]
    counted = extraction.text.CountVectorizer().fit_transform(texts).toarray()
    np.testing.assert_array_equal(TextData(texts).value, counted)


def test_new_texts_take_the_columns_of_earlier_ones() -> None:
    learned = TextData(["red blue", "green"])
    assert TextData("red red black", vocabulary=learned.vocabulary).value.tolist() == [[0, 0, 2]]


def test_without_vectors_the_texts_stay() -> None:
    assert TextData("a b", vectorize=False).value == ["a b"]
    assert TextData("a b", vectorize=False).vocabulary == []


@pytest.mark.parametrize("text", ["", "…！", "   "])
def test_a_text_without_words_has_no_columns(text: str) -> None:
    assert TextData(text).value.shape == (1, 0)
    assert TextData([text, "a"]).value.tolist() == [[0], [1]]


@pytest.mark.parametrize("texts", [None, 5, [], b"bytes", [1, 2], ["a", {"b": 1}], ["a", None], {"a", "b"}])
def test_what_are_no_texts_is_refused(texts: Any) -> None:
    with pytest.raises(ParameterInvalid, match="texts is"):
        TextData(texts)


@pytest.mark.parametrize("value", [None, [1, 2], 1j, {"b": 2}])
def test_an_entry_that_is_neither_number_nor_text_is_named(value: Any) -> None:
    with pytest.raises(ParameterInvalid, match="entry 'a'"):
        TextData({"a": value})


@pytest.mark.parametrize(
    ("vocabulary", "words"), [("ab", "'ab', no list"), (["a", 3], "no list"), (["a", "猫", "a"], "'a' more than once")]
)
def test_a_vocabulary_is_a_list_of_different_words(vocabulary: Any, words: str) -> None:
    with pytest.raises(ParameterInvalid, match=words):
        TextData("a 猫", vocabulary=vocabulary)


def test_bad_options_are_refused() -> None:
    with pytest.raises(ParameterInvalid, match="vectorize"):
        TextData("a", vectorize=1)  # type: ignore[arg-type]
    with pytest.raises(ParameterUnknown, match=r"(?s)vectorise.*vectorize"):
        TextData("a", vectorise=False)  # type: ignore[call-arg]
