"""What ``pth_info`` says of a file of another project: its own words, and what its weights tell."""

from __future__ import annotations

import json
from typing import Any

from MMEdu.weights.foreign.reading import ForeignFile
from MMEdu.weights.foreign.recognise import likeliest

_MAX_CHARACTERS = 300
"""Of a value of the file's description; configurations are longer."""


def describe(file: ForeignFile) -> dict[str, Any]:
    """Describe a file of another project as ours describe themselves, as far as its weights tell."""
    own_words = {name: value for name, value in file.meta.items() if _is_short(value)}
    match = likeliest(file.shapes)
    recognised: dict[str, Any] = {}
    if match is not None:
        table = match.table
        recognised = {"tool": f"{table.family} ({table.source_name})", "backbone": table.backbone, "task": table.task}
        recognised |= {"num_classes": match.num_classes, "fits": f"{match.share:.0%}"}
    if file.classes is not None:
        recognised["CLASSES"] = list(file.classes)
    # What the original wrote as tool and backbone is its own name for them: the recognised ones come after.
    return {**own_words, **recognised, "weights": len(file.state)}


def _is_short(value: object) -> bool:
    """Whether a value can be shown: plain data, and no whole configuration."""
    try:
        return len(json.dumps(value)) <= _MAX_CHARACTERS
    except (TypeError, ValueError):
        return False
