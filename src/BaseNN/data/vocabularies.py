"""``word2idx`` out of a pickle that numpy wrote: a dictionary of texts and whole numbers is put together, nothing else.

What such a pickle names is replaced by inert stand-ins; every other name is refused. Torch-free.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

from BaseDT.arguments import is_integer
from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import quoted
from BaseDT.language import english, say

MOST_WORDS = 1_000_000


class _Inert:
    """Stands for whatever numpy would make; it keeps what it is told, and does nothing."""

    def __init__(self, *told: Any) -> None:
        self.told = told
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Number(_Inert):
    """Stands for a number of numpy's: its type, and its bytes."""


def _encoded(text: str, encoding: str = "latin1") -> bytes:
    """Bytes, as pickles of older protocols write them."""
    return text.encode("latin1") if isinstance(text, str) and encoding == "latin1" else b""


_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_KNOWN: dict[tuple[str, str], Any] = {
    **{(module, "_reconstruct"): _Inert for module in _MODULES},
    **{(module, "scalar"): _Number for module in _MODULES},
    ("numpy", "ndarray"): _Inert,
    ("numpy", "dtype"): _Inert,
    ("_codecs", "encode"): _encoded,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return _KNOWN[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError(f"persistent {pid}")


def unpickled(data: bytes, source: str) -> dict[str, int]:
    """Return the vocabulary of an array of one object.

    Args:
        data: The pickle that follows the header of a ``.npy`` file.
        source: The file's name, for messages.

    Raises:
        DatasetInvalid: It is none, or names anything that a vocabulary does not need (-201).
    """
    try:
        made = _Reader(io.BytesIO(data)).load()
        words = made.state[4][0]
    except pickle.UnpicklingError as error:
        raise _refused(source, str(error)) from error
    except Exception as error:  # a damaged pickle makes the reader raise nearly anything
        raise _refused(source, type(error).__name__) from error
    return checked({word: _plain(number) for word, number in words.items()} if isinstance(words, dict) else words)


def _plain(number: Any) -> Any:
    """Return a number of numpy's as Python's."""
    if not isinstance(number, _Number) or len(number.told) != 2 or not isinstance(number.told[1], bytes):
        return number
    kind = number.told[0]
    code = kind.told[0] if isinstance(kind, _Inert) and kind.told else ""
    if code not in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8") or len(number.told[1]) != int(code[1]):
        return None
    return int(np.frombuffer(number.told[1], f"<{code}")[0])


def checked(words: object) -> dict[str, int]:
    """Return a vocabulary: each word with a number of its own, from 0 on without gaps.

    Raises:
        DatasetInvalid: It is none (-201).
    """
    if not isinstance(words, dict) or not 0 < len(words) <= MOST_WORDS:
        raise _no_vocabulary(words)
    if not all(type(word) is str and is_integer(number) for word, number in words.items()):
        raise _no_vocabulary(next((w, n) for w, n in words.items() if type(w) is not str or not is_integer(n)))
    plain = {word: int(number) for word, number in words.items()}
    if sorted(plain.values()) != list(range(len(plain))):
        raise _no_vocabulary(say("numbers with gaps", "编号不连续"))
    return plain


def _no_vocabulary(found: object) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"word2idx is no vocabulary: {quoted(found, 60)}", f"word2idx 不是词表：{quoted(found, 60)}"),
        hint=say(
            "It gives each word a number, from 0 on without gaps: {'春': 0, '眠': 1}.",
            "词表给每个词一个编号，从 0 开始连续：{'春': 0, '眠': 1}。",
        ),
    )


def _refused(source: str, what: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(
            f"'word2idx' of {source} was not read: it wants {english(what)}.",
            f"没有读取 {source} 的 'word2idx'：其中包含 {what}。",
        ),
        hint=say(
            "A vocabulary is a dictionary of words and numbers; anything else is not loaded.",
            "词表应为文字到编号的字典，其他内容不会被载入。",
        ),
    )
