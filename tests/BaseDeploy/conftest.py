"""Fixtures for BaseDeploy: a folder with a Chinese name and a space, what an error looks like."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from BaseDT.errors import XEduError

TESTS = str(Path(__file__).resolve().parents[1])
if TESTS not in sys.path:
    sys.path.insert(0, TESTS)  # models_on_disk

Refused = Callable[..., AbstractContextManager["pytest.ExceptionInfo[XEduError]"]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the test works, as a maker's script would."""
    place = tmp_path / "我的 模型"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def refused() -> Refused:
    """A context that expects an error of ours: its code, words that it must hold, one line of message, a hint."""

    @contextmanager
    def expect(kind: type[XEduError], *words: str) -> Iterator[pytest.ExceptionInfo[XEduError]]:
        with pytest.raises(kind) as caught:
            yield caught
        error = caught.value
        assert str(error).startswith(f"Error Code: {kind.code}. {error.message}")
        assert "\n" not in error.message.strip()
        assert error.hint, "an error says what to do"
        for word in words:
            assert word in str(error)

    return expect
