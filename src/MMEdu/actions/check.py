"""The check of a data set: what training would read, every file decoded. The folder says which task's it is."""

from __future__ import annotations

from pathlib import Path

from BaseDT.dataset.layout import folder_at
from MMEdu.engine.events import Listener
from MMEdu.tasks import registry
from MMEdu.tasks.spec import CheckReport, Choice


def check(
    path: Path,
    backbone: str | None,
    sheet: Path | None = None,
    listener: Listener | None = None,
    *,
    fix: bool = False,
    deep: bool = False,
) -> CheckReport:
    """Check the data set below a folder, and write nothing into it. Works without torch.

    Args:
        path: The folder.
        backbone: A model whose input the pictures are compared with; None: one that suits them, or none.
        sheet: Where a picture of the data set may be drawn; None is the task's own name in ``check_result``.
        listener: Told of progress; None is the console.
        fix: Write the documented text files that are missing (``classes.txt``, ``val.txt``, ``test.txt``).
        deep: Show near duplicates and what else is suspicious on a page beside ``sheet``.

    What would be drawn inside of the data set is drawn beside it.

    Raises:
        DatasetNotFound, DatasetInvalid: There is none, or it has another layout (-101, -201).
        BackboneUnknown: No such model (-302).
    """
    from MMEdu.engine.listeners.console import console

    root = folder_at(path)
    spec = registry.of_dataset(root)
    place = _outside(root, sheet or Path("check_result", spec.check_sheet))
    pages = place.parent if deep else None
    report: CheckReport = spec.part("check")(path, backbone, place, listener or console(), fix=fix, deep=pages)
    return report


def task_of(path: Path) -> str:
    """Name the task whose kind of data a folder holds; that of pictures in folders where no other recognises it.

    Raises:
        DatasetNotFound: There is no such folder (-101).
    """
    return registry.of_dataset(folder_at(path)).name


def suggestion(path: Path) -> Choice | None:
    """Return the model that suits a data set; None where its task has no opinion. Nothing is fetched.

    Raises:
        DatasetNotFound, DatasetInvalid: There is none, or it has another layout (-101, -201).
    """
    root = folder_at(path)
    spec = registry.of_dataset(root)
    choice: Choice | None = spec.part("usual_start")(root) if spec.usual_start else None
    return choice


def _outside(root: Path, target: Path) -> Path:
    """Return where something is drawn: beside the data set where it would lie in it, and be read with it next time."""
    inside, folder = target.absolute().resolve(), root.resolve()
    return folder.parent / inside.relative_to(folder) if inside.is_relative_to(folder) else target
