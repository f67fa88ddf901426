"""The stack on which this thread answers signals.

OpenVINO gives the thread that loads a model a stack of its own for signals, frees it with the model, and then puts
back the one that the thread had when it was given: where two models end in the order in which they began, that one is
freed already, and the next Ctrl-C ends the process without a word.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


class _Stack(ctypes.Structure):
    """``stack_t`` of Linux; see sigaltstack(2)."""

    _fields_ = (("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextmanager
def kept() -> Iterator[None]:
    """Let this thread answer signals after the block as it did before, whatever a library does in the block."""
    change = _sigaltstack()
    if change is None:
        yield
        return
    before = _Stack()
    known = change(None, ctypes.byref(before)) == 0
    try:
        yield
    finally:
        if known:
            change(ctypes.byref(before), None)


@cache
def _sigaltstack() -> Any:
    """The function of the C library, or None where OpenVINO does not use it."""
    return getattr(ctypes.CDLL(None), "sigaltstack", None) if sys.platform == "linux" else None
