"""Before the first step: how many pictures a step can compute at a time in the memory that there is."""

from __future__ import annotations

from functools import partial

from BaseDT.errors import ParameterInvalid
from BaseDT.language import english, say
from MMEdu.engine import footprint, memory
from MMEdu.engine.events import Notice
from MMEdu.engine.loop import Trainer, enter_training, halved_text, out_of_memory, trial_loss
from MMEdu.engine.protocol import OwnsStep

_SHARE_OF_MEMORY = 0.9


def fit_memory(trainer: Trainer, model_name: str) -> None:
    """Lower the number of pictures that are computed at a time until a step fits into memory.

    Args:
        trainer: Its ``micro_batch`` is lowered, and the user told.
        model_name: Names the model in errors.

    Raises:
        MemoryExhausted: Not even one picture fits (-804).
        ParameterInvalid: The architecture cannot compute with this size of pictures or batches (-305).
    """
    if isinstance(trainer.task, OwnsStep):
        return

    forward = partial(trial_loss, trainer)
    enter_training(trainer.learner)
    try:
        per_sample = footprint.sample_bytes(trainer.learner, forward)
        if trainer.micro_batch == 1:
            footprint.sample_bytes(trainer.learner, forward, probe=1)
    except (RuntimeError, ValueError, AssertionError) as error:
        if footprint.is_out_of_memory(error):
            raise out_of_memory() from error
        if "CUDA" in str(error):
            raise
        raise _does_not_compute(trainer, model_name, error) from error
    if trainer.device.type != "cpu":  # a GPU says at once when it is full; the step then halves the batch
        return
    room = int(memory.available_bytes() * _SHARE_OF_MEMORY / memory.processes_here())
    fitting = footprint.fitting_batch(trainer.micro_batch, per_sample, footprint.fixed_bytes(trainer.learner), room)
    if fitting == 1 < trainer.micro_batch and not trainer.computes_alone():
        fitting = 2  # its estimate is of the safe side; what does not fit is named by the step
    if fitting < trainer.micro_batch:
        trainer.micro_batch = fitting
        trainer.emit(Notice(halved_text(fitting)))


def _does_not_compute(trainer: Trainer, model_name: str, error: Exception) -> ParameterInvalid:
    """Name what an architecture cannot do: maps that shrink to nothing, one value to normalise over."""
    preprocess = getattr(trainer.task, "preprocess", None)
    size = (
        ""
        if preprocess is None
        else say(f"image_size={preprocess.size[0]} and ", f"image_size={preprocess.size[0]} 和 ")
    )
    hint = say("Choose a larger image_size or batch_size.", "请增大 image_size 或 batch_size。")
    first_line = (str(error).splitlines() or [""])[0]
    text = say(
        f"{model_name} cannot train with {english(size)}batch_size={trainer.micro_batch}: {first_line}",
        f"{model_name} 无法用 {size}batch_size={trainer.micro_batch} 训练：{first_line}",
    )
    return ParameterInvalid(text, hint=hint)
