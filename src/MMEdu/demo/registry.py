"""The demos there are: each task's own, named by its ``spec``, and that of own networks. Listing them loads none."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, cast

from MMEdu.demo.ending import Ending
from MMEdu.tasks import registry
from MMEdu.tasks.spec import DemoEntry

Show: TypeAlias = "Callable[[Path, Callable[[str], None], int | None], Ending]"
"""``(folder, notify, epochs or None) -> Ending``: writes below the folder, and tells ``notify`` line by line."""


_IRIS = DemoEntry(
    "iris",
    "MMEdu.demo.iris:show",
    ("an own network, KNN, a tree and SVM tell flowers apart", "自建网络、KNN、决策树和 SVM 识别鸢尾花"),
)


def demos() -> dict[str, DemoEntry]:
    """Return the demos by their names, that of the default task first."""
    tasks = registry.all_tasks()
    specs = [tasks[registry.DEFAULT_TASK], *(spec for name, spec in tasks.items() if name != registry.DEFAULT_TASK)]
    return {**{spec.demo.name: spec.demo for spec in specs if spec.demo is not None}, _IRIS.name: _IRIS}


def load(entry: DemoEntry) -> Show:
    """Import what runs a demo."""
    module, _, function = entry.run.partition(":")
    return cast(Show, getattr(importlib.import_module(module), function))
