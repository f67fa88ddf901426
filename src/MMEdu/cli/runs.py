"""What a training left in its folder, read from the folder. For the commands that tell where things lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from BaseDT.language import say


@dataclass(frozen=True)
class RunFiles:
    """The files of the newest run in a folder; only such as exist.

    Attributes:
        folder: The run's ``save_fold``.
        best: The best checkpoint; None without validation.
        latest: The last checkpoint.
        log: The log file.
        report: Curves, confusion matrix and the other files of the report.
    """

    folder: Path
    best: Path | None
    latest: Path | None
    log: Path | None
    report: tuple[Path, ...]


def read(folder: Path, *, validated: bool = True) -> RunFiles:
    """Find the files of the newest run; without validation a best file is that of an earlier run."""
    latest = folder / "latest.pth"
    return RunFiles(
        folder=folder,
        best=_newest(folder, "best_*.pth") if validated else None,
        latest=latest if latest.exists() else None,
        log=_newest(folder, "*.log.json"),
        report=tuple(folder / name for name in _report_names() if (folder / name).exists()),
    )


def _newest(folder: Path, pattern: str) -> Path | None:
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns, default=None)


def meaning(name: str) -> str:
    """Say in a phrase what a file of the report shows."""
    return _report_names()[name]


def _report_names() -> dict[str, str]:
    return {
        "curves.png": say("loss and accuracy", "损失与准确率曲线"),
        "confusion_matrix.png": say("what is taken for what", "混淆矩阵"),
        "worst_mistakes.png": say("the worst mistakes", "错得最离谱的图片"),
        "per_class.csv": say("precision and recall of each class", "各类别的精确率与召回率"),
    }
