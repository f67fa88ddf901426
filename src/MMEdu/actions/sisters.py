"""Files of BaseNN and BaseML that came to a command for pictures: which command takes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from BaseDT.errors import TaskMismatch
from BaseDT.language import say


def refuse_exported(file: Path, metadata: Mapping[str, str]) -> None:
    """Refuse an exported file that a sister wrote.

    Args:
        file: It.
        metadata: Its properties.

    Raises:
        TaskMismatch: It is one; the hint names its command (-311).
    """
    from BaseDT import classic_model_info  # loads numpy, which a command line does without until it works
    from BaseDT.own_network_info import is_own_network

    if classic_model_info.KEY in metadata:
        raise _other(file, "BaseML", "ml", "Workflow(task='baseml', checkpoint=…)")
    if is_own_network(metadata):
        raise _other(file, "BaseNN", "nn", "Workflow(task='basenn', checkpoint=…)")


def refuse_checkpoint(file: Path, meta: Mapping[str, object]) -> None:
    """Refuse a checkpoint that BaseNN wrote; as ``refuse_exported``."""
    if meta.get("tool") == "BaseNN":
        raise _other(file, "BaseNN", "nn", "nn().load(…)")


def _other(file: Path, tool: str, command: str, python: str) -> TaskMismatch:
    return TaskMismatch(
        say(f"{file.name} is a model of {tool}.", f"{file.name} 是 {tool} 的模型。"),
        hint=say(
            f"Use mmedu {command} infer, info or convert; in Python {python}.",
            f"请使用 mmedu {command} 的 infer、info 或 convert；在 Python 中使用 {python}。",
        ),
    )
