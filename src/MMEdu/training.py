"""What every training shares: arguments become settings, a plan becomes a run, a run leaves a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT import fonts
from BaseDT.errors import CannotResume, ClassCountMismatch, DiskFull, ParameterInvalid, PathNotWritable
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, LogLine, Notice
from MMEdu.engine.settings import Settings, drawn_seed, invalid
from MMEdu.models.registry import ModelEntry

if TYPE_CHECKING:
    from MMEdu.engine.distributed import Group
    from MMEdu.engine.run import Outcome, Plan

EVAL_BATCH = 2
"""Validation batches over training batches: no gradients are kept, more fits."""


@dataclass(frozen=True)
class TrainingResult:
    """What a training left.

    Attributes:
        log: The lines of the log file.
        best_file: The best checkpoint, None without validation.
        latest_file: The last checkpoint.
        log_file: Where the log is; None in processes that do not lead.
        report: Curves, confusion matrix and what else was drawn.
    """

    log: list[LogLine]
    best_file: Path | None
    latest_file: Path
    log_file: Path | None
    report: tuple[Path, ...]


def seed_of(random_seed: int, interrupted: Mapping[str, Any] | None) -> int:
    """Return the seed of a run; a resumed one goes on with its own.

    Args:
        random_seed: The user's.
        interrupted: What the run says of itself that is to go on; None for a new one.

    Raises:
        CannotResume: It had another seed (-604).
    """
    if interrupted is None:
        return drawn_seed(random_seed)
    seed = int(interrupted["random_seed"])
    if random_seed not in (0, seed):
        hint = say(f"Leave random_seed out, or use {seed}.", f"请去掉 random_seed，或使用 {seed}。")
        raise CannotResume(f"The interrupted run had random_seed={seed}, this one has {random_seed}.", hint=hint)
    return seed


def as_interrupted(entry: ModelEntry, interrupted: Mapping[str, Any]) -> ModelEntry:
    """Return the model's entry with the colours that an interrupted run was trained with."""
    from MMEdu.weights.pretrained import coloured

    known = interrupted.get("preprocess")
    return coloured(entry, Preprocess.from_dict(known)) if isinstance(known, dict) else entry


def sized(entry: ModelEntry, image_size: int | None) -> ModelEntry:
    """Return the model's entry for another input size.

    Raises:
        ParameterInvalid: The architecture works at one size only (-305).
    """
    if image_size is None or entry.preprocess.size == (image_size, image_size):
        return entry
    if entry.fixed_size:
        side = entry.preprocess.size[0]
        hint = say("Leave image_size out, or choose another backbone.", "请去掉 image_size，或换一个 backbone。")
        raise ParameterInvalid(f"image_size={image_size!r}: {entry.name} works at {side} only.", hint=hint)
    return replace(entry, preprocess=entry.preprocess.with_size(image_size))


def check_class_count(num_classes: object, classes: Sequence[str]) -> None:
    """Raise where the user's ``num_classes`` disagrees with the data (-306); -1 leaves it to the data."""
    if type(num_classes) is not int:
        raise invalid("num_classes", num_classes, "a whole number", "整数")
    found = len(classes)
    if num_classes in (-1, found):
        return
    names = ", ".join(classes[:8])
    hint = say(f"Leave num_classes out, or set {found}.", f"可以不写 num_classes，或设为 {found}。")
    raise ClassCountMismatch(
        f"num_classes is {num_classes!r}, but the dataset has {found} classes: {names}.", hint=hint
    )


def train_here(
    settings: Settings,
    plan_of: Callable[[Settings, Group], Plan],
    report_of: Callable[[Outcome], tuple[Path, ...]],
    listener: Listener,
) -> TrainingResult:
    """Train in this process, joined with others where torch's launcher started several.

    Args:
        settings: What the user asked for.
        plan_of: Makes the plan of one process; its settings hold the seed that all share.
        report_of: Draws what the run left; called in the leading process.
        listener: Told of everything.
    """
    from MMEdu.engine import device, distributed
    from MMEdu.engine.run import Run

    with distributed.joined(device.resolve(settings.device).type) as group:
        settings = replace(settings, seed=group.share(settings.seed))
        outcome = Run(plan_of(settings, group), group, listener).execute()
        pictures = report_of(outcome) if group.leads else ()
    return TrainingResult(outcome.log, outcome.best_file, outcome.latest_file, outcome.log_file, pictures)


def report_written(
    write: Callable[[], tuple[Path, ...]], classes: Sequence[str], listener: Listener
) -> tuple[Path, ...]:
    """Write a report; a folder that closed meanwhile costs the pictures, not the training."""
    if fonts.lacking_for(classes):
        listener(Notice(fonts.font_hint()))
    try:
        return write()
    except (PathNotWritable, DiskFull) as error:  # the training itself is whole
        listener(Notice(f"{error.message} {error.hint}"))
        return ()


# Arguments that a resumed run may change: they do not move the numbers of the epochs that are left.
_FREE_IN_RESUME = frozenset({"epochs", "resume", "device", "max_keep_ckpts", "early_stop", "seed"})


def meta_of(
    entry: ModelEntry, classes: Sequence[str], size: int, fingerprint: str, settings: Settings, group: Group
) -> dict[str, Any]:
    """Return what a run's checkpoints say of themselves.

    Args:
        entry: The model, with the preprocessing that it is trained with.
        classes: Names by label.
        size: Number of training pictures.
        fingerprint: Tells whether it is the same data.
        settings: The run's.
        group: The processes that train together.
    """
    from MMEdu import __version__

    fixed = {name: value for name, value in vars(settings).items() if name not in _FREE_IN_RESUME}
    return {
        "tool": f"MMEdu {__version__}",
        "backbone": entry.name,
        "device": settings.device,
        "task": entry.task,
        "CLASSES": list(classes),
        "dataset_size": size,
        "learning_rate": settings.lr,
        "preprocess": entry.preprocess.to_dict(),
        "dataset": fingerprint,
        "random_seed": settings.seed,
        "settings": {**fixed, "topk": list(settings.topk), "processes": group.world},
    }
