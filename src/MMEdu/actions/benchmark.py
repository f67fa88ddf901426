"""What exported models cost on this machine, for the faces. What it does lives in ``XEdu.benchmark``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BenchmarkReport:
    """A finished benchmark.

    Attributes:
        markdown: The report for people.
        json: The same for programs.
        failed: Whether a model could not be measured.
        write: Writes it to files, each in the format of its suffix.
    """

    markdown: str
    json: str
    failed: bool
    write: Callable[[], None]


def benchmark(
    models: Sequence[Path],
    *,
    images: Path | None,
    threads: Sequence[int],
    seconds: float,
    files: Sequence[Path],
    notify: Callable[[str], None],
) -> BenchmarkReport:
    """Measure accuracy, speed and memory.

    Args:
        models: Exported models.
        images: Labelled pictures for the accuracy; None measures none.
        threads: Numbers of threads; empty: one and all cores.
        seconds: How long each timing lasts.
        files: Where ``write`` is to write; checked before anything is measured.
        notify: Called with lines on the progress.
    """
    from XEdu.benchmark import as_json, as_markdown, run, writing

    writing.check(files, models)
    report = run(models, images=images, threads=threads, seconds=seconds, tell=notify)
    failed = any(row.error for row in report.rows)
    return BenchmarkReport(as_markdown(report), as_json(report), failed, lambda: writing.write(report, files))
