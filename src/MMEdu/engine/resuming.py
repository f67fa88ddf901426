"""How an interrupted run goes on. Its ``latest.pth`` is a file that anybody may have edited: all of it is checked."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from BaseDT.errors import CannotResume, XEduError
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine import checkpoint
from MMEdu.engine.device import PRECISIONS
from MMEdu.engine.loop import Trainer
from MMEdu.engine.saving import RunProgress

_LOG_NAME = re.compile(r"[^/\\:]+\.log\.json")
"""A plain name: neither a folder of any system nor a drive of Windows."""
_MOST = 10**6
"""More epochs, or pictures at a time, than any run has; a file that says more would have us count for ever."""


def where_to_resume(latest: Path) -> str:
    """Say how an interrupted run goes on."""
    return say(
        f"The last checkpoint is {latest}; resume=True goes on from it.",
        f"最近的权重文件：{latest}；用 resume=True 可以继续。",
    )


def going_on(epoch: int, epochs: int, *, patience_over: bool) -> str:
    """Say where a resumed run goes on; of one that has nothing left to do, that it is finished and how it would go on.

    Args:
        epoch: The last one that is done.
        epochs: How many there shall be in all.
        patience_over: Whether ``early_stop`` has ended it.
    """
    if epoch >= epochs:
        return say(
            f"This training is finished: {epoch} of {epochs} epochs are done, nothing is left to do. To train on, ask "
            f"for more in all: train(epochs={2 * epoch}, resume=True).",
            f"这次训练已经完成：共 {epochs} 轮，已训练 {epoch} 轮，无需继续。想再训练，请增大总轮数："
            f"train(epochs={2 * epoch}, resume=True)。",
        )
    if patience_over:
        return say(
            f"This training is finished: early_stop ended it after epoch {epoch} of {epochs}. To train on, give a "
            "larger early_stop, or none, with resume=True.",
            f"这次训练已经完成：early_stop 在第 {epoch} 轮后结束了训练（共 {epochs} 轮）。"
            "想再训练，请增大或去掉 early_stop，并使用 resume=True。",
        )
    return say(f"Resuming after epoch {epoch} of {epochs}.", f"从第 {epoch} 轮之后继续训练，共 {epochs} 轮。")


def read_interrupted(folder: Path) -> dict[str, Any]:
    """Read the ``latest.pth`` of a run that is to go on.

    Raises:
        CannotResume: There is none, or it was not written by a training, or was edited (-604).
    """
    file = folder / checkpoint.LATEST
    if not file.exists():
        hint = say("Train without resume=True first.", "请先不带 resume=True 训练一次。")
        raise CannotResume(
            say(f"There is no run to resume in {folder}.", f"{folder} 中没有可以继续的训练。"), hint=hint
        )
    content = checkpoint.read(file)
    if "optimizer" not in content or "run" not in content["meta"]:
        hint = say("Use checkpoint= to start from its weights.", "可以用 checkpoint= 从它的权重开始训练。")
        raise CannotResume(say(f"{file} holds weights only.", f"{file} 只有权重。"), hint=hint)
    progress_of(content["meta"])
    _check_arguments(content["meta"])
    return content


def progress_of(meta: Mapping[str, Any]) -> RunProgress:
    """Return how far an interrupted run has come. It names files that are written and deleted: all of it is checked.

    Raises:
        CannotResume: Something is not as a training writes it (-604).
    """
    run = meta["run"]
    if not isinstance(run, dict):
        raise edited("run")
    if unknown := run.keys() - RunProgress.__dataclass_fields__.keys():
        raise edited(f"run.{min(map(str, unknown))}")
    state = RunProgress(**run)
    if not _is_whole(state.epoch, 1, _MOST):
        raise edited("run.epoch")
    if not _is_whole(state.best_epoch, 0, state.epoch):
        raise edited("run.best_epoch")
    if not (_are_metrics(state.best) if state.best_epoch else state.best is None):
        raise edited("run.best")
    if not isinstance(state.log, str) or not state.log.isprintable() or not _LOG_NAME.fullmatch(state.log):
        raise edited("run.log")
    if not _is_whole(state.micro_batch, 1, _MOST):
        raise edited("run.micro_batch")
    if not _is_whole(state.threads, 0, _MOST):
        raise edited("run.threads")
    if not _is_whole(state.second_from, 0, state.epoch):
        raise edited("run.second_from")
    if state.precision not in ("", *PRECISIONS):
        raise edited("run.precision")
    return state


def _check_arguments(meta: Mapping[str, Any]) -> None:
    """Refuse what a resumed run could not even read before it compares it with its own arguments (-604)."""
    if not _is_whole(meta.get("random_seed"), 0, 2**64 - 1):
        raise edited("random_seed")
    if not isinstance(meta.get("settings"), Mapping):
        raise edited("settings")
    try:
        if "preprocess" in meta:  # rows of a table have none
            Preprocess.from_dict(meta["preprocess"])
    except XEduError as error:
        raise edited("preprocess") from error


@contextlib.contextmanager
def edited_is_refused() -> Iterator[None]:
    """Name what torch and Python raise while they take over the parts of an edited ``latest.pth``.

    Raises:
        CannotResume: In place of it (-604).
    """
    try:
        yield
    except (XEduError, torch.OutOfMemoryError):
        raise
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise edited("content") from error


def _is_whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _are_metrics(values: object) -> bool:
    return isinstance(values, dict) and all(type(n) is str and type(v) in (int, float) for n, v in values.items())


def edited(name: str) -> CannotResume:
    """Make the error of a ``latest.pth`` that is not as a training writes it (-604); ``name`` is the part."""
    hint = say(
        "The file was edited or damaged: train anew, or start from its weights with checkpoint=.",
        "文件被修改过或已损坏：请重新训练，或用 checkpoint= 从它的权重开始。",
    )
    return CannotResume(
        say(
            f"The {name} in {checkpoint.LATEST} is not what a training writes.",
            f"{checkpoint.LATEST} 中的 {name} 不是训练写出的内容。",
        ),
        hint=hint,
    )


_KEPT = {
    "SGD": {"momentum_buffer"},
    "Adam": {"step", "exp_avg", "exp_avg_sq"},
    "AdamW": {"step", "exp_avg", "exp_avg_sq"},
    "Adagrad": {"step", "sum"},
    "ASGD": {"step", "eta", "mu", "ax"},
}
"""What the optimisers keep of each parameter, by their class in ``torch.optim``."""
_SINGLE = {"step", "eta", "mu"}
"""Of these, what is one number."""


def restore(trainer: Trainer, content: Mapping[str, Any]) -> None:
    """Bring a fresh trainer to where the run was that wrote a ``latest.pth``, the random state included.

    Raises:
        CannotResume: The file is of a run with other optimisers (-604).
    """
    trainer.evaluated.load_state_dict(content["state_dict"])
    state = content["optimizer"]
    # Files from before a run could have several optimisers hold one without a name.
    states = state.get("optimizers", {next(iter(trainer.optimizers)): state.get("optimizer")})
    if states.keys() != trainer.optimizers.keys():
        raise edited("optimizer")
    for name, optimizer in trainer.optimizers.items():
        before = [_settings(group) for group in optimizer.param_groups]
        optimizer.load_state_dict(states[name])
        if before != [_settings(group) for group in optimizer.param_groups]:
            raise edited("optimizer")
        if not all(_fits(kept, parameter, type(optimizer).__name__) for parameter, kept in optimizer.state.items()):
            raise edited("optimizer")  # torch takes it, and stumbles at the first step
    if state["scaler"]:  # empty where the run did without
        trainer.scaler.load_state_dict(state["scaler"])
    if trainer.average is not None:
        trainer.model.load_state_dict(state["trained"])
        trainer.average.n_averaged.fill_(state["averaged"])
    torch.set_rng_state(content["rng"])


def _fits(kept: object, parameter: torch.Tensor, optimizer: str) -> bool:
    """Whether this is what an optimiser keeps of a parameter: nothing yet, or tensors by its names and in its shape."""
    if not isinstance(kept, Mapping):
        return False
    if kept and kept.keys() != _KEPT[optimizer]:
        return False
    for name, value in kept.items():
        if value is None and optimizer == "SGD":  # without momentum
            continue
        shape = torch.Size() if name in _SINGLE else parameter.shape
        if not isinstance(value, torch.Tensor) or value.shape != shape or value.layout is not torch.strided:
            return False
        if not value.is_floating_point():
            return False
    return True


def _settings(group: Mapping[str, Any]) -> dict[str, str]:
    """Return what a group of an optimiser computes with besides the rate: the same in every epoch of a run."""
    return {name: repr(value) for name, value in group.items() if name not in ("params", "lr", "initial_lr")}


def check_same_run(then: Mapping[str, Any], now: Mapping[str, Any], fixed: Sequence[str]) -> None:
    """Refuse to continue a run with other data or other arguments.

    Args:
        then: The ``meta`` of the interrupted run.
        now: That of this one.
        fixed: What must be as it was for the run to end where an uninterrupted one does.

    Raises:
        CannotResume: Names the first thing that differs (-604).
    """
    for name in fixed:
        before, after = then.get(name), now.get(name)
        if before == after:
            continue
        if name == "dataset":
            hint = say(
                "Pictures or boxes were added, removed or changed, or another version of mmedu keeps other pictures "
                "for validation. Train anew, or start from its weights with checkpoint=.",
                "图片或标注有增减或改动，或者不同版本的 mmedu 留出的验证图片不同。"
                "请重新训练，或用 checkpoint= 从它的权重开始。",
            )
            raise CannotResume(
                say("The dataset has changed since the run was interrupted.", "训练中断之后，数据集发生了变化。"),
                hint=hint,
            )
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            # Arguments that only one of two versions knows are let be, unless this run sets them.
            differing = [k for k, value in after.items() if before.get(k) != value]
            if not differing:
                continue
            name = differing[0]
            before, after = before.get(name), after.get(name)
        hint = say(f"Use {name}={before!r} as before.", f"请像之前一样使用 {name}={before!r}。")
        raise CannotResume(
            say(
                f"The interrupted run had {name}={before!r}, this one has {after!r}.",
                f"中断的训练使用 {name}={before!r}，而这次是 {after!r}。",
            ),
            hint=hint,
        )
