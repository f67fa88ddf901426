"""Tables of all kinds, spoiled as cells and as bytes; each is loaded by every family, and learned from."""

from __future__ import annotations

from pathlib import Path

from BaseDT import terminal
from BaseDT.errors import XEduError
from BaseML import Classification, Cluster, Regression
from fuzz.mutate import Rng, pick, spoiled

_CELLS = (
    "1", "2.5", "-3", "1,5", "1e3", "猫", "dog", "", "NA", "inf", "nan", "１．５", '"a', 'b"c"', "#", "\t", ";",
    "1e999", "1_000", "0x1F", "－2", "٣", "=1+1", "\u202e", "x" * 300, "1" * 400, " ", "\r", "\x1a", "\ufeff",
    "1,234", "-",
)  # fmt: skip
_MARKS = (",", ";", "\t", "，", "；", " ", "|")
_ENCODINGS = ("utf-8", "gbk", "utf-16", "utf-8-sig", "latin-1")


class Tables:
    """Tables that are no tables any more."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "表 格.csv"
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        self.thrown = _bytes(rng)
        self._file.write_bytes(self.thrown)
        told, terminal.write_line = terminal.write_line, lambda *_: None
        try:
            for model in (Classification("CART"), Regression("Ridge"), Cluster("Kmeans", N_CLUSTERS=2)):
                self._learn(model)
        finally:
            terminal.write_line = told

    def _learn(self, model: Classification | Regression | Cluster) -> None:
        try:
            model.load_dataset(self._file)
            model.train()
            model.inference()
        except XEduError as error:
            str(error)


def _bytes(rng: Rng) -> bytes:
    width, mark = int(rng.integers(1, 6)), str(pick(rng, _MARKS))
    lines = [[f"{rng.normal():.3g}" for _ in range(width)] for _ in range(int(rng.integers(0, 30)))]
    if rng.integers(2):
        lines.insert(0, [f"列{number}" for number in range(width)])
    for line in lines:
        if rng.integers(3) == 0:
            line[int(rng.integers(width))] = str(pick(rng, _CELLS))
        if rng.integers(40) == 0:
            line.append(str(pick(rng, _CELLS)))
    text = str(pick(rng, ("\n", "\r\n", "\r"))).join(mark.join(line) for line in lines)
    data = text.encode(str(pick(rng, _ENCODINGS)), "ignore")
    return spoiled(rng, data) if rng.integers(2) else data
