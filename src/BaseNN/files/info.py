"""What a file says of its network."""

from __future__ import annotations

import os
from typing import Any

from BaseDT.arguments import checked_path, documented
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.terminal import write_line
from BaseNN.files import opening, ours
from BaseNN.layers import describing

_FIRST = ("tool", "backbone", "device")
_HIDDEN = ("layers", "surroundings", "format", "highest", "run", "settings", "dataset", "random_seed")
"""What programs need, and nobody reads."""
_SHOWN_WORDS = 10


@documented
def pth_info(checkpoint: str | os.PathLike[str]) -> dict[str, Any]:
    """Print and return what a file says of its network; nothing in the file is run.

    Args:
        checkpoint: A ``.pth`` or ``.pkl`` file.

    Returns:
        Plain data by documented names: ``tool``, ``backbone``, ``dataset_size``, ``learning_rate``, ``epoch``, …

    Raises:
        CheckpointNotFound, CheckpointInvalid, ModelUnsupported: -102, -202, -206.
    """
    file = checked_path("checkpoint", checkpoint)
    meta = opening.meta_of(file)
    shown = {name: meta[name] for name in _FIRST if name in meta}
    shown["backbone"] = describing.in_a_line(ours.stack_of(file, meta))
    shown.update((name, value) for name, value in meta.items() if name not in (*_FIRST, *_HIDDEN))
    rule = "=" * (len(str(file)) + 9)
    write_line(one_line(say(f"{file} says:", f"{file} 相关信息如下：")))
    write_line(rule)
    for name, value in shown.items():
        if value not in (None, "", [], {}):
            write_line(one_line(f"{name} : {_short(value)}"))
    write_line(rule)
    return dict(meta)


def _short(value: Any) -> Any:
    """Return the first words of a vocabulary; anything else as it is."""
    if isinstance(value, dict) and len(value) > _SHOWN_WORDS:
        listed = ", ".join(f"{word}: {number}" for word, number in list(value.items())[:_SHOWN_WORDS])
        return f"{{{listed}, …}} ({len(value)})"
    return value
