"""Recipes of TOML and JSON with other values, and settings of the environment that nobody can mean."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from BaseDT import fonts, language
from fuzz.case import inside
from fuzz.mutate import Rng, json_text, nested, odd, pick, spoiled, spoiled_values
from MMEdu import MMClassification, MMDetection

_CLASSIFIER: dict[str, Any] = {
    "backbone": "LeNet", "image_size": 32, "batch_size": 4, "bfloat16": False,
    "schedule": {"kind": "cosine", "warmup_iters": 3, "milestones": [3, 6], "gamma": 0.1, "warmup_ratio": 0.1},
    "augment": {"crop_scale": [0.3, 1.0], "flip": 0.5},
}  # fmt: skip
_DETECTOR: dict[str, Any] = {**_CLASSIFIER, "backbone": "SSD_Lite", "image_size": 96, "augment": {"flip": 0.5}}


class Recipes:
    """Recipe files, spoiled as values and as text; a model is made of each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        MMClassification("LeNet"), MMDetection("SSD_Lite")  # their first imports take long
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        detects = bool(rng.integers(2))
        values = spoiled_values(rng, _DETECTOR if detects else _CLASSIFIER)
        if rng.integers(2):
            file, data = self._folder / "配 方.json", json_text(rng, values)
        else:
            file = self._folder / "配 方.toml"
            data = toml(values).encode("utf-8", "surrogatepass")
            data = spoiled(rng, data) if rng.integers(2) else data
            if rng.integers(10) == 0:
                depth = int(pick(rng, (10, 300, 5000)))
                data += f"\n{'a.' * depth}a = {'[' * depth}{']' * depth}".encode()
        self.thrown = data
        file.write_bytes(data)
        (MMDetection if detects else MMClassification)(str(file))


def toml(values: Any) -> str:
    """Write a dictionary as TOML, whatever is in it."""
    if not isinstance(values, dict):
        return _toml_value(values)
    lines = [f"{_key(name)} = {_toml_value(item)}" for name, item in values.items() if not isinstance(item, dict)]
    for name, item in values.items():
        if isinstance(item, dict):
            lines += [f"[{_key(name)}]", *(f"{_key(k)} = {_toml_value(v)}" for k, v in item.items())]
    return "\n".join(lines)


def _key(name: object) -> str:
    return str(name) if str(name).isidentifier() and str(name).isascii() else json.dumps(str(name))


def _toml_value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**100 else "1" + "0" * 400
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)} = {_toml_value(item)}" for name, item in value.items()) + "}"
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    depth = 0
    while isinstance(value, list) and len(value) == 1:
        value, depth = value[0], depth + 1
    inner = ", ".join(map(_toml_value, value)) if isinstance(value, list) else _toml_value(value)
    return "[" * depth + (f"[{inner}]" if isinstance(value, list) else inner) + "]" * depth


_SETTINGS = ("MMEDU_CACHE", "MMEDU_LANG", "MMEDU_FONT", "MMEDU_MIRROR", "MMEDU_HOME", "MMEDU_OFFLINE", "MMEDU_HEADLESS")


class Settings:
    """The project's variables of the environment with other values."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        from BaseDT.folders import weights_folder
        from MMEdu.engine.store import Budget
        from XEdu.weights import download

        name = pick(rng, _SETTINGS)
        text = str(_short(odd(rng)))
        value = pick(
            rng, (text, "x" * 300, "/".join(["y" * 200] * 30), str(self._folder), "file:///x", "http://", "~x")
        )
        value = (
            value.replace("\0", "").encode("utf-8", "surrogateescape" if "\ud800" not in value else "ignore").decode()
        )
        self.thrown = f"{name}={value!r}"
        before = os.environ.get(name)
        os.environ[name] = value
        try:
            doors = (Budget.of_this_machine, weights_folder, download.mirror_folder, download.offline,
                     language.current_language, fonts.cjk_font)  # fmt: skip
            with inside(self._folder):  # some are names of folders
                for door in doors:
                    door()
        finally:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before


def _short(value: object) -> str:
    try:
        return str(value)[:2000]
    except (ValueError, RecursionError):
        return str(nested(3))
