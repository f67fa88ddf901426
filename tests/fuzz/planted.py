"""Targets with known faults, for the test of the fuzzer itself."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np


class Planted:
    """A target with every kind of fault, by number of the case."""

    def __init__(self, folder: Path) -> None:
        self.thrown = b"planted"
        self._number = -1

    def __call__(self, rng: np.random.Generator) -> None:
        self._number += 1
        match self._number:
            case 1:
                json.loads("[" * 100_000)
            case 2:
                os._exit(3)
            case 3 | 0:
                return


class Sleeper(Planted):
    """A target that never ends."""

    def __call__(self, rng: np.random.Generator) -> None:
        time.sleep(60)
