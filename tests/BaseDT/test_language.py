"""The language of messages: the environment's, or what a context chose; threads do not disturb each other."""

from __future__ import annotations

import copy
import json
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from BaseDT.errors import DatasetNotFound
from BaseDT.language import current_language, english, in_this_context, say, use_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"MMEDU_LANG": "zh"}, "zh"),
        ({"MMEDU_LANG": "ZH_CN", "LANG": "en_US.UTF-8"}, "zh"),
        ({"MMEDU_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_environment_is_the_default(environment, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MMEDU_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert current_language() == language


def test_a_context_has_its_own_language_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "en")
    with use_language("zh"):
        assert say("picture", "图片") == "图片"
        with use_language("en"):
            assert say("picture", "图片") == "picture"
        assert say("picture", "图片") == "图片"
    assert say("picture", "图片") == "picture"


def test_a_language_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"), use_language("fr"):  # type: ignore[arg-type]
        pass


def test_two_threads_speak_two_languages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "en")
    both = threading.Barrier(2)

    def speak(language) -> list[str]:
        with use_language(language):
            both.wait(10)
            texts = [say("picture", "图片") for _ in range(100)]
            both.wait(10)
            return texts

    with ThreadPoolExecutor(2) as pool:
        english, chinese = pool.map(speak, ("en", "zh"))
    assert (set(english), set(chinese)) == ({"picture"}, {"图片"})
    assert current_language() == "en"


def test_helper_threads_inherit_what_their_work_was_wrapped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "en")
    together = threading.Barrier(4)

    def work(item: int) -> str:
        together.wait(10)  # all four are within the wrapped function at the same time
        return f"{item} {say('picture', '图片')}"

    with ThreadPoolExecutor(4) as pool:
        with use_language("zh"):
            inherited = in_this_context(work)
        assert list(pool.map(inherited, range(4))) == ["0 图片", "1 图片", "2 图片", "3 图片"]
        assert set(pool.map(work, range(4))) == {"0 picture", "1 picture", "2 picture", "3 picture"}


def test_hints_of_errors_are_in_the_language_of_where_they_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "en")
    with use_language("zh"):
        error = DatasetNotFound("No such dataset directory: x", hint=say("Look.", "请检查。"))
    assert "请检查。" in str(error)


def test_an_error_is_read_in_chinese_and_known_in_english() -> None:
    with use_language("zh"):
        reason = say("the end is missing", "文件不完整")
        error = DatasetNotFound(say(f"a.jpg: {english(reason)}", f"a.jpg：{reason}"))
    for same in (error, pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):  # noqa: S301 - made here
        assert (same.message, same.message_en) == ("a.jpg：文件不完整", "a.jpg: the end is missing")
        assert str(same) == "Error Code: -101. a.jpg：文件不完整"
    assert json.dumps(reason, ensure_ascii=False) == '"文件不完整"'


def test_a_text_of_one_language_is_its_own_english() -> None:
    assert english("x") == "x"
    assert DatasetNotFound("No such folder.").message_en == "No such folder."
    with use_language("en"):
        assert DatasetNotFound(say("No such folder.", "没有此文件夹。")).message_en == "No such folder."
