"""Wrong values for arguments: of every type, size and shape that somebody may hand over by mistake, or by intent."""

from __future__ import annotations

import datetime
import decimal
import fractions
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fuzz.mutate import nested


def _itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def _generator() -> Iterator[int]:
    yield from (1, 2, 3)


def _closed() -> Image.Image:
    image = Image.new("RGB", (4, 4))
    image.close()
    return image


VALUES: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "true": lambda: True,
    "false": lambda: False,
    "minus one": lambda: -1,
    "zero": lambda: 0,
    "one": lambda: 1,
    "beyond 32 bits": lambda: 2**31,
    "beyond 64 bits": lambda: 2**64,
    "beyond any float": lambda: 10**400,
    "beyond any text": lambda: -(10**5000),
    "nan": lambda: float("nan"),
    "infinite": lambda: float("-inf"),
    "tiny": lambda: 5e-324,
    "largest float": lambda: 1.7e308,
    "half": lambda: 0.5,
    "complex": lambda: 1j,
    "decimal": lambda: decimal.Decimal("0.5"),
    "signalling": lambda: decimal.Decimal("sNaN"),
    "fraction": lambda: fractions.Fraction(1, 3),
    "numpy int": lambda: np.int64(3),
    "numpy float": lambda: np.float16("nan"),
    "numpy bool": lambda: np.bool_(True),
    "numpy text": lambda: np.str_("a"),
    "numpy time": lambda: np.datetime64("NaT"),
    "date": lambda: datetime.date(2020, 2, 29),
    "empty text": lambda: "",
    "blank": lambda: "  ",
    "word": lambda: "猫",
    "half a character": lambda: "\ud800",
    "nul": lambda: "a\0b",
    "escapes": lambda: "\x1b[2J\x07\u202e",
    "long name": lambda: "x" * 300,
    "long path": lambda: "/".join(["y" * 200] * 30),
    "long text": lambda: "z" * 100_000,
    "percent": lambda: "%s{0}{x}",
    "up": lambda: "../../../..",
    "device": lambda: os.devnull,
    "path to itself": lambda: "loop",
    "path through it": lambda: Path("loop/a.onnx"),
    "pipe": lambda: "pipe.pth",
    "pipe as a picture": lambda: Path("pipe.png"),
    "this folder": Path,
    "text file": lambda: "text.onnx",
    "empty file": lambda: Path("empty.png"),
    "bytes": lambda: b"a",
    "bytearray": lambda: bytearray(b"abc"),
    "memory": lambda: memoryview(b"abc"),
    "empty list": list,
    "list of nothing": lambda: [None],
    "texts": lambda: ["a", "b"],
    "mixed": lambda: [1, "a", None, b""],
    "tuple": lambda: (0.5, 0.5, float("nan")),
    "nested": lambda: nested(5000),
    "in itself": _itself,
    "many": lambda: [0] * 200_000,
    "range": lambda: range(3),
    "set": lambda: {1, 2},
    "dictionary": lambda: {"a": 1},
    "odd keys": lambda: {1: 2, None: 3},
    "generator": _generator,
    "iterator": lambda: iter(["a"]),
    "function": lambda: len,
    "lambda": lambda: lambda *args: args,
    "class": lambda: int,
    "exception": lambda: ValueError("x"),
    "object": object,
    "module": lambda: sys,
    "ellipsis": lambda: ...,
    "array": lambda: np.array([1, 2]),
    "empty array": lambda: np.zeros(0),
    "number in an array": lambda: np.array(3.0),
    "nan array": lambda: np.full((4, 4, 3), np.nan),
    "object array": lambda: np.array([None, "a"], object),
    "text array": lambda: np.array(["a", "b"]),
    "bool array": lambda: np.zeros((4, 4), bool),
    "complex array": lambda: np.zeros((4, 4, 3), complex),
    "five axes": lambda: np.zeros((1, 1, 3, 4, 4), np.uint8),
    "no rows": lambda: np.zeros((0, 4, 3), np.uint8),
    "two channels": lambda: np.zeros((4, 4, 2), np.uint8),
    "records": lambda: np.zeros(2, [("a", "i4"), ("b", "f4")]),
    "wide": lambda: np.zeros((1, 200_000, 3), np.uint8),
    "tensor": lambda: np.zeros((1, 3, 16, 16), np.float32),
    "picture": lambda: np.zeros((6, 5, 3), np.uint8),
    "closed picture": _closed,
    "float picture": lambda: Image.new("F", (5, 5)),
}


def write_files(folder: Path) -> None:
    """Write the files that the values name; links and pipes only where the system has them."""
    (folder / "text.onnx").write_text("not a model\n", encoding="utf-8")
    (folder / "empty.png").write_bytes(b"")
    if sys.platform != "win32":
        if not (folder / "loop").is_symlink():
            (folder / "loop").symlink_to("loop")
        for name in ("pipe.pth", "pipe.png"):
            if not (folder / name).exists():
                os.mkfifo(folder / name)
