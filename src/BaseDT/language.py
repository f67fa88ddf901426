"""Which language a message is in. Everybody may call it; it knows nothing of the rest of the project.

The language is a context variable: two threads, or two requests of one server, may have two. Its default is the
environment's. A new thread begins with the default, unless what it runs was wrapped in ``in_this_context``.
"""

from __future__ import annotations

import errno
import functools
import locale
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Literal, ParamSpec, TypeVar

Language = Literal["en", "zh"]
P = ParamSpec("P")
R = TypeVar("R")

_LANGUAGE: ContextVar[Language | None] = ContextVar("mmedu_language", default=None)


def current_language() -> Language:
    """Return the language of this context: what ``use_language`` chose, otherwise the environment's."""
    return _LANGUAGE.get() or _of_environment()


@contextmanager
def use_language(language: Language) -> Iterator[None]:
    """Use a language within a ``with`` block, in this thread or task and what ``in_this_context`` wraps there.

    Args:
        language: ``"en"`` or ``"zh"``.

    Raises:
        ValueError: It is neither.
    """
    if language not in ("en", "zh"):
        raise ValueError(f"language={language!r}: expected 'en' or 'zh'")
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def in_this_context(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap what a helper thread is to run, so that it speaks the language of the thread that starts it.

    For ``pool.submit(in_this_context(work), item)``, ``pool.map(in_this_context(work), items)`` and
    ``Thread(target=in_this_context(work))``.
    """
    context = copy_context()

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        # One context cannot run in two threads at once: each call gets a copy, which costs next to nothing.
        return context.copy().run(function, *args, **kwargs)

    return wrapper


def is_chinese() -> bool:
    """Tell whether hints are shown in Chinese."""
    return current_language() == "zh"


class Said(str):
    """A text in the user's language that still knows its English: people read the one, programs the other.

    It is a ``str`` like any other; what is cut from it, or made with it, is a plain one.
    """

    __slots__ = ("_english",)
    _english: str

    def __new__(cls, text: str, english: str) -> Said:
        said = super().__new__(cls, text)
        said._english = english
        return said

    def __reduce__(self) -> tuple[object, ...]:
        return Said, (str(self), self._english)


def say(en: str, zh: str) -> str:
    """Return the text in the user's language; ``english`` gives the English of what it returned.

    Args:
        en: The text in English.
        zh: The same in Chinese.
    """
    return Said(zh, en) if is_chinese() else en


def english(text: str) -> str:
    """Return the English of a text that ``say`` returned; any other text is returned as it is.

    A text that is made of another one needs it: ``say(f"{name}: {english(reason)}", f"{name}：{reason}")``.
    """
    return text._english if isinstance(text, Said) else text


def with_name(name: str, text: str) -> str:
    """Return what is said of something behind its name, e.g. a file's."""
    return say(f"{name}: {english(text)}", f"{name}：{text}")


_SYSTEM_ZH = {
    errno.ENOENT: "没有该文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "操作不被允许",
    errno.EROFS: "磁盘是只读的",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOSPC: "磁盘空间不足",
    errno.EFBIG: "文件过大",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EINVAL: "名称或参数无效",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "正被其他程序占用",
    errno.EMFILE: "打开的文件过多",
    errno.ELOOP: "链接指向了自己",
    errno.ENOMEM: "内存不足",
    errno.ETIMEDOUT: "等待超时",
    errno.ECONNREFUSED: "对方拒绝连接",
    errno.ECONNRESET: "连接中断",
}


def system_reason(error: BaseException) -> str:
    """Return what the system says of a failed read or write; its own words where we have none for the cause."""
    words = str(getattr(error, "strerror", "") or error)
    known = _SYSTEM_ZH.get(error.errno or 0) if isinstance(error, OSError) else None
    return say(words, known) if known else words


def _of_environment() -> Language:
    """Return the language that ``MMEDU_LANG`` names, otherwise that of the locale."""
    if setting := os.environ.get("MMEDU_LANG", "").strip().lower():
        return "zh" if setting.startswith("zh") else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        if value := os.environ.get(name, ""):
            return "zh" if value.lower().startswith("zh") else "en"
    # Windows and macOS set none of these; there the locale is the system's own ("Chinese (Simplified)_China").
    system = (locale.getlocale()[0] or "").lower()
    return "zh" if system.startswith(("zh", "chinese")) else "en"
