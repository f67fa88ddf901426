"""Texts that are put together begin and end as sentences do, whichever of their parts are empty."""

from __future__ import annotations

import pickle

import pytest

from BaseDT.errors import BackboneUnknown, DatasetInvalid, did_you_mean
from BaseDT.sentences import tidied


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (" Known: a, b.", "Known: a, b."),
        ("It cannot be read: No such file..", "It cannot be read: No such file."),
        ("Did you mean 'cat'?. Known: cat.", "Did you mean 'cat'? Known: cat."),
        ("请重新导出。。", "请重新导出。"),
        ("原因：No such file.。请重试。", "原因：No such file。请重试。"),
        ("你是不是想写 'cat'？。", "你是不是想写 'cat'？"),
        ("one.  \ntwo.. \n", "one.\ntwo."),
        ("train(epochs=..., resume=True).", "train(epochs=..., resume=True)."),
        ("cat, dog, ...", "cat, dog, ..."),
        ("Wait ...", "Wait ..."),
        ("../data and data/.. stay", "../data and data/.. stay"),
        ("a..b.png is there", "a..b.png is there"),
        ("'a..' is there", "'a..' is there"),
        ("model.checkpoint = '….pth'。", "model.checkpoint = '….pth'。"),
        ("", ""),
    ],
)
def test_texts_are_tidied(text: str, right: str) -> None:
    assert tidied(text) == right


def test_every_error_is_tidy_also_when_its_hint_is_completed_later() -> None:
    error = DatasetInvalid("It is broken: Permission denied..", hint=f"{did_you_mean('xyz', ['cat'])} Check it..")
    assert (error.message, error.hint) == ("It is broken: Permission denied.", "Check it.")
    error.hint = f" {error.hint} Again.."
    assert error.hint == "Check it. Again."
    assert str(error) == "Error Code: -201. It is broken: Permission denied.\nCheck it. Again."
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (copy.message, copy.hint, str(copy)) == (error.message, error.hint, str(error))


def test_a_hint_may_be_empty() -> None:
    assert BackboneUnknown("x").hint == ""
