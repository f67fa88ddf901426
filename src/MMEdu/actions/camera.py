"""Live predictions of an exported model, for the faces. What it does lives in ``XEdu.live``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from XEdu.live import Summary as Summary  # for the faces, too


def open_model(file: Path, *, threads: int | None, provider: str | None) -> Any:
    """Open an exported model; raises as ``XEdu.runtime.model.Model.load``."""
    from XEdu.runtime.model import Model

    return Model.load(file, threads=threads, providers=[provider] if provider else None)


def camera(
    model: Any, source: str, *, notify: Callable[[str], None], thr: float | str | None = None, **options: Any
) -> Summary:
    """Predict what a source shows until it or the user ends it.

    Args:
        model: What ``open_model`` returned.
        source: Number of a camera, a video file, a picture, or a folder of pictures.
        notify: Called with lines for the user.
        thr: As for ``Workflow.inference``.
        **options: Further ones of ``XEdu.live.run``.
    """
    from MMEdu.actions.exported_model import threshold_of
    from XEdu import live

    return live.run(model, source, tell=notify, threshold=threshold_of(model, thr), **options)


def counts_text(summary: Summary) -> str:
    """Say in a line what was counted; empty where nothing was."""
    from XEdu.live.following import counts_text

    return counts_text(summary.counts)
