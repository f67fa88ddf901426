"""An exported model, or a task that needs none, as an HTTP service; what it does lives in ``XEdu.serve``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say

if TYPE_CHECKING:
    from XEdu.serve.answering import Answering
    from XEdu.serve.running import Running as Running  # for the faces, too

PORT = 1956


def opened(model: Path | None, task: str | None, *, threads: int | None = None) -> Answering:
    """Open what answers; one of the two is given.

    Raises:
        CheckpointInvalid: It is a checkpoint, which needs torch, or tells nothing of itself (-202).
        XEduError: It cannot be opened.
    """
    from MMEdu.actions.info import is_exported
    from XEdu.serve.answering import open_model, open_task

    if model is None:
        from XEdu.presets.opening import Sources

        return open_task(task or "", Sources(threads=threads))
    if model.suffix.lower() == ".pth" and model.is_file() and not is_exported(model):
        name = str(model)
        raise CheckpointInvalid(
            say(
                f"{name} is a checkpoint: a service runs converted models.",
                f"{name} 是权重文件，服务只运行转换后的模型。",
            ),
            hint=say(
                f'Convert it first: mmedu convert "{name}" model.onnx, then mmedu serve model.onnx.',
                f'请先转换：mmedu convert "{name}" model.onnx，再运行 mmedu serve model.onnx。',
            ),
        )
    return open_model(model, threads=threads)


def start(
    answering: Answering,
    *,
    port: int,
    host: str,
    mode: str,
    score: float | str | None,
    pin: str | None,
    tell: Callable[[str], None],
) -> Running:
    """Start a service; see ``XEdu.serve.running.start``."""
    from XEdu.serve import running

    return running.start(answering, port=port, host=host, mode=mode, score=score, pin=pin, tell=tell)
