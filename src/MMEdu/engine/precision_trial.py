"""Which precision is faster on this CPU: measured before a run that is long enough to repay it, and remembered.

An instruction set alone does not tell: bfloat16 halves a step of ResNet and lengthens those of other networks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch

from BaseDT import plain_json
from BaseDT.errors import XEduError
from BaseDT.files import write_whole
from BaseDT.folders import cache_folder
from MMEdu.engine import footprint
from MMEdu.engine.device import Precision
from MMEdu.engine.loop import Trainer, enter_training, trial_loss
from MMEdu.engine.protocol import OwnsStep
from MMEdu.engine.slow_kernels import slow_layers_in_float32
from XEdu.benchmark.machine import processor_name

CANDIDATES = ("float32", "bfloat16")
_ROUNDS = 5  # the first prepares kernels and does not count
_MOST = 8  # pictures of a step: it fits where training does, and costs little
_SHARE = 0.02  # of the run that the trial may take
_WINS = 1.1  # times as fast bfloat16 must be: for less nobody gives digits away
_TINY = 0.02  # seconds of a step: a shorter one has nothing to win, and noise decides


def faster_precision(trainer: Trainer, model_name: str, size: object, samples: int) -> Precision:
    """Return the precision that computes a training step faster: remembered, measured, or the trainer's own.

    Weights, statistics of normalisation and random numbers are as before.

    Args:
        trainer: Of the run, before its first step.
        model_name: Its model.
        size: Of its inputs.
        samples: That the whole run computes; a run that is too short to repay the trial keeps the trainer's precision.
    """
    probe = min(_MOST, trainer.micro_batch)
    key = " | ".join(map(str, (processor_name(), torch.__version__, model_name, size, probe)))
    answer = remembered(key)
    cost = _ROUNDS * len(CANDIDATES) * probe * torch.get_num_threads()
    if answer is None and _is_measurable(trainer) and cost <= _SHARE * samples:
        answer = _measured(trainer, probe)
        if answer is not None:
            _remember(key, answer)
    return trainer.precision if answer is None else Precision(answer, trainer.device.type)


def chosen(rounds: list[tuple[float, float]]) -> str:
    """Return the winner of rounds, each the seconds of a step in float32 and in bfloat16; compared within a round."""
    if median(seconds for seconds, _ in rounds) < _TINY:
        return "float32"
    return "bfloat16" if median(wide - _WINS * narrow for wide, narrow in rounds) > 0 else "float32"


def remembered(key: str) -> str | None:
    """Return an earlier answer; None where there is none that can be read."""
    answer = _answers().get(key)
    return answer if isinstance(answer, str) and answer in CANDIDATES else None


def _is_measurable(trainer: Trainer) -> bool:
    """Whether a step on made-up inputs tells what those of the run take: frozen layers would be computed otherwise.

    Normalisation may be frozen, whose parameters are vectors: convolutions and products take the time.
    """
    if isinstance(trainer.task, OwnsStep):
        return False
    return all(p.requires_grad for p in trainer.model.parameters() if p.dim() > 1)


def _measured(trainer: Trainer, probe: int) -> str | None:
    steps = [_step(trainer, Precision(name, trainer.device.type), probe) for name in CANDIDATES]
    enter_training(trainer.learner)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several wait for each other where other programs run, and that would be remembered
    try:
        with footprint.nothing_is_kept(trainer.learner):
            rounds = [(_seconds(steps[0]), _seconds(steps[1])) for _ in range(_ROUNDS)]
    except (RuntimeError, ValueError, AssertionError, MemoryError):
        return None  # what cannot be computed is named by the first step of the run
    finally:
        torch.set_num_threads(threads)
        for parameter in trainer.learner.parameters():
            parameter.grad = None
    return chosen(rounds[1:])


def _step(trainer: Trainer, precision: Precision, probe: int) -> Callable[[], None]:
    def step() -> None:
        with slow_layers_in_float32(trainer.learner, precision):
            trial_loss(trainer, probe, precision).backward()  # type: ignore[no-untyped-call]

    return step


def _seconds(step: Callable[[], None]) -> float:
    """Processor time of this thread: what other programs take does not count."""
    began = time.thread_time()
    step()
    return time.thread_time() - began


def _file() -> Path:
    return cache_folder() / "precision.json"


def _answers() -> dict[str, object]:
    try:
        answers = plain_json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # none yet, or damaged: measured anew
    return answers if isinstance(answers, dict) else {}


def _remember(key: str, answer: str) -> None:
    content = json.dumps({**_answers(), key: answer}, ensure_ascii=False, indent=1)
    try:
        write_whole(_file(), content.encode("utf-8"), durable=False)
    except (OSError, XEduError):
        return  # a closed or full disk costs the next run a trial
