"""Live predictions of an exported model, for the faces. What it does lives in ``XEdu.live``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.language import say

if TYPE_CHECKING:
    from XEdu.live import Summary as Summary  # for the faces, too


def open_model(file: Path, *, threads: int | None, provider: str | None) -> Any:
    """Open an exported model; raises as ``XEdu.runtime.model.Model.load``."""
    from XEdu.runtime.model import Model

    return Model.load(file, threads=threads, providers=[provider] if provider else None)


def open_task(name: str, *, threads: int | None, provider: str | None) -> Any:
    """Open a task that needs no model, such as ``pose_hand21``.

    Raises:
        TaskUnknown, TaskMismatch: There is no such task, or it is not for live pictures (-312, -311).
        WeightsUnavailable: Its weights are not here and cannot be fetched (-107).
    """
    from XEdu.hub.tasks import preset_name
    from XEdu.presets.live import open_live
    from XEdu.presets.opening import Sources

    return open_live(preset_name(name), Sources(threads=threads, providers=[provider] if provider else None))


def camera(
    model: Any, source: str, *, notify: Callable[[str], None], thr: float | str | None = None, **options: Any
) -> Summary:
    """Predict what a source shows until it or the user ends it.

    Args:
        model: What ``open_model`` or ``open_task`` returned.
        source: Number of a camera, a video file, a picture, or a folder of pictures.
        notify: Called with lines for the user.
        thr: As for ``Workflow.inference``.
        **options: Further ones of ``XEdu.live.run``.
    """
    from XEdu import live

    least, suggested = _thresholds(model, thr)
    if thr is None and suggested is not None and suggested < least:
        text = f"Shown from a score of {least:g} on; the validation suggests thr={suggested:g}: --thr auto."
        notify(say(text, f"只显示得分不低于 {least:g} 的结果；验证结果建议 thr={suggested:g}：--thr auto。"))
    return live.run(model, source, tell=notify, threshold=least, **options)


def _thresholds(model: Any, thr: float | str | None) -> tuple[float, float | None]:
    """Return the least score that is shown, and what the validation of the model suggests, if there was one."""
    from MMEdu.actions.exported_model import threshold_of
    from XEdu.runtime.model import Model

    if not isinstance(model, Model):
        return model.checked_threshold("thr", thr), None
    return threshold_of(model, thr), None if model.info is None else model.info.threshold


def counts_text(summary: Summary) -> str:
    """Say in a line what was counted; empty where nothing was."""
    from XEdu.live.following import counts_text

    return counts_text(summary.counts)
