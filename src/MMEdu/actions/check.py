"""The check of a data set: what training would read, every file decoded. The folder says which task's it is."""

from __future__ import annotations

from pathlib import Path

from BaseDT.dataset.layout import folder_at
from MMEdu.engine.events import Listener
from MMEdu.tasks import registry
from MMEdu.tasks.spec import CheckReport


def check(path: Path, backbone: str | None, sheet: Path, listener: Listener | None = None) -> CheckReport:
    """Check the data set below a folder. Works without torch.

    Args:
        path: The folder.
        backbone: A model whose input the pictures are compared with; None compares nothing.
        sheet: Where a picture of the data set may be drawn.
        listener: Told of progress; None is the console.

    Raises:
        DatasetNotFound, DatasetInvalid: There is none, or it has another layout (-101, -201).
        BackboneUnknown: No such model (-302).
    """
    from MMEdu.engine.listeners.console import console

    spec = registry.of_dataset(folder_at(path))
    report: CheckReport = spec.part("check")(path, backbone, sheet, listener or console())
    return report
