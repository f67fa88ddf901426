"""The targets by name, each imported when it is asked for."""

from __future__ import annotations

import importlib
from pathlib import Path

from fuzz.case import Target

TARGETS = {
    "pictures": "fuzz.pictures:Pictures",
    "annotations": "fuzz.annotations:Annotations",
    "keypoints": "fuzz.keypoints:Keypoints",
    "metadata": "fuzz.models:Metadata",
    "files": "fuzz.models:Files",
    "recipes": "fuzz.recipes:Recipes",
    "settings": "fuzz.recipes:Settings",
    "checkpoints": "fuzz.checkpoints:Checkpoints",
    "networks": "fuzz.networks:Networks",
    "boards": "fuzz.networks:Boards",
    "saved models": "fuzz.classic:SavedModels",
    "exported models": "fuzz.classic:ExportedModels",
    "tables": "fuzz.tables:Tables",
    "calls": "fuzz.calls:Calls",
}


def make(name: str, folder: Path) -> Target:
    """Make a target. ``name`` may also be any ``module:class``, for tests of the fuzzer itself."""
    module, _, kind = TARGETS.get(name, name).partition(":")
    folder.mkdir(parents=True, exist_ok=True)
    target: Target = getattr(importlib.import_module(module), kind)(folder)
    return target
