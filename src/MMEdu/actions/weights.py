"""Pretrained weights, for the faces: which there are, where they lie, whether they are whole. Nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu.weights.catalogue import Weights


def folder() -> Path:
    """Return the folder of downloaded weights."""
    from MMEdu.folders import weights_folder

    return weights_folder()


def table(*, every: bool) -> list[dict[str, Any]]:
    """Describe the weights of our models, and with ``every`` those of all classifiers of torchvision."""
    require_train()
    from MMEdu.actions.models import entries
    from MMEdu.weights import catalogue

    rows = [(entry.name, weights) for entry in entries() for weights in catalogue.of(entry)]
    if every:
        names = {weights.file_name for _, weights in rows}
        rows += [(weights.source, weights) for weights in catalogue.everything() if weights.file_name not in names]
    return [_row(model, weights) for model, weights in rows]


def choose(model: str, tag: str | None) -> dict[str, Any]:
    """Describe the weights of a model: those of a tag, or the usual ones.

    Raises:
        BackboneUnknown, ParameterInvalid: No such model, or it has no such weights (-302, -305).
    """
    require_train()
    from MMEdu.weights import catalogue

    entry = catalogue.entry_of(model)
    return _row(entry.name, catalogue.choose(entry, True if tag is None else tag))


def states() -> dict[str, str]:
    """Check the files that are on this machine by their SHA-256: ``whole`` or ``wrong`` by file name."""
    require_train()
    from MMEdu.weights import catalogue, weights_folder

    files = [weights for weights in catalogue.everything() if weights_folder.place_of(weights).exists()]
    return {weights.file_name: weights_folder.state_of(weights) for weights in files}


def _row(model: str, weights: Weights) -> dict[str, Any]:
    from MMEdu.weights import weights_folder

    path = weights_folder.place_of(weights)
    return {
        "model": model,
        "tag": weights.tag,
        "file": weights.file_name,
        "url": weights.url,
        "size": weights.size,
        "sha256_prefix": weights.sha256_prefix,
        "path": str(path),
        "here": path.is_file(),
    }
