"""Measures models one after the other, each in a process of its own; the door of this room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from BaseDT.arguments import check_number, checked_path, documented, invalid, is_integer
from BaseDT.language import current_language, say
from XEdu.benchmark import machine
from XEdu.benchmark.files import existing, looks_int8, size_mb
from XEdu.benchmark.measure import Job, as_values
from XEdu.benchmark.pictures import Pictures, find, generate
from XEdu.benchmark.report import Report, Row, row_of
from XEdu.outputs import kind as kinds
from XEdu.runtime import threads as cores

_LAST_LINES = 5  # of the output of a worker that died
_ROOT = str(Path(__file__).resolve().parents[2])
# Last on the path, where this process may have found it by other means than an installation.
_START = (
    "import json, sys; sys.path += json.loads(sys.argv[1]); from XEdu.benchmark.worker import main; main(*sys.argv[2:])"
)


@documented
def run(
    models: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    images: str | os.PathLike[str] | None = None,
    threads: Sequence[int] = (),
    seconds: float = 3.0,
    tell: Callable[[str], None] | None = None,
) -> Report:
    """Measure models on this machine.

    Args:
        models: Files of exported models, or one.
        images: Folder of pictures; class folders and ImageNet-style sets give the accuracy of classifiers,
            sets in COCO's layout the mAP of detectors. None: generated ones.
        threads: Numbers of threads to measure with; none: one, and all cores.
        seconds: How long each timing lasts.
        tell: Gets a line before each measurement.

    Raises:
        CheckpointNotFound: One of the files does not exist (-102).
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It holds no pictures, or is a dataset that cannot be read (-201).
        AnnotationMissing: It is in COCO's layout, and annotations are missing (-701).
        ParameterInvalid: A number cannot work (-305).
    """
    requested = _models(models)
    counts, lasting = _threads(threads), check_number("seconds", seconds, above=0, most=3600)
    pictures_folder = None if images is None else checked_path("images", images)
    paths = [existing(path) for path in requested]
    names = _names(requested, paths)
    with tempfile.TemporaryDirectory(prefix="mmedu-benchmark-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        pictures = generate(work) if pictures_folder is None else find(pictures_folder.absolute())
        rows: list[Row] = []
        notes: dict[str, None] = {}
        for path, name in zip(paths, names, strict=True):
            for number, count in enumerate(counts):
                if tell is not None:
                    tell(say(f"{name}, {_counted(count, 'thread')} …", f"{name}，{count} 线程……"))
                row, lines = _measured(path, name, count, pictures, lasting, work, scored=not number)
                rows.append(_with_score(row, rows[-1] if number else None))
                notes |= dict.fromkeys(lines)
    return Report(machine.describe(), pictures.source, tuple(rows), tuple(notes))


def _models(models: object) -> list[Path]:
    if isinstance(models, (str, os.PathLike)):
        models = [models]
    if not isinstance(models, Sequence) or not models:
        raise invalid("models", models, "the file of a model, or a list of such", "模型文件，或它们的列表")
    return [checked_path("models", model) for model in models]


def _names(requested: Sequence[Path], paths: Sequence[Path]) -> list[str]:
    """Call each model by its file's name, or, where another file has the same name, by its path as it was given."""
    shared = Counter(name for name, _ in {(path.name, path.resolve()) for path in paths})
    return [path.name if shared[path.name] == 1 else str(path) for path in requested]


def _threads(threads: object) -> list[int]:
    counts = list(threads) if isinstance(threads, Sequence) and not isinstance(threads, (str, bytes)) else None
    if counts is None or not all(is_integer(count) and 1 <= count <= 1024 for count in counts):
        raise invalid("threads", threads, "a list of whole numbers, such as [1, 4]", "正整数的列表，例如 [1, 4]")
    return list(dict.fromkeys(map(int, counts or (1, cores.available()))))


def _measured(
    path: Path, name: str, threads: int, pictures: Pictures, seconds: float, work: Path, *, scored: bool
) -> tuple[Row, list[str]]:
    """Measure one model in a process; returns its row and what a reader must know."""
    row = Row(name, threads, size_mb(path), "INT8" if looks_int8(path) else "FP32", file=str(path))
    timed = [str(file) for file in pictures.timed()]
    labelled = str(pictures.folder) if scored and pictures.labelled is not None else ""
    figures = _child(Job(str(path), threads, timed, seconds, labelled, pictures.kind, kinds.registered()), work)
    notes = [] if "error" in figures else list(_notes(name, figures, pictures if labelled else None))
    return row_of(figures, row), notes


def _with_score(row: Row, before: Row | None) -> Row:
    """Threads do not change what a model says: it is scored once."""
    return row if before is None else replace(row, metrics=before.metrics, judged=before.judged)


def _notes(name: str, figures: Mapping[str, Any], labelled: Pictures | None = None) -> Iterator[str]:
    """Say what a reader must know of a model's figures; ``labelled``: what it should have been scored on."""
    if not figures["whole"]:
        yield say(
            f"{name} does not say how its input is made: only the model itself was timed, on random numbers.",
            f"{name} 没有说明输入如何预处理：只用随机数测量了模型本身。",
        )
    counts = figures.get("counts", {})
    if count := counts.get("damaged"):
        yield say(f"{name}: cannot be read: {_counted(count, 'picture')}.", f"{name}：{count} 张图片无法读取。")
    if not figures.get("kind"):
        return
    kind = kinds.find(figures["kind"])
    yield from kind.notes(name, counts)
    if labelled is not None and labelled.labelled is not None and labelled.kind != kind.name:
        yield kind.other_labels(name, labelled.labelled)


def _counted(count: int, what: str) -> str:
    """Say a number of things in English."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _child(job: Job, work: Path) -> dict[str, Any]:
    """Run one worker; returns its figures, or why it has none."""
    job_file, figures_file = work / "job.json", work / "figures.json"
    figures_file.unlink(missing_ok=True)
    job_file.write_text(json.dumps(as_values(job)), encoding="utf-8")
    # What others registered lies where this process finds it.
    paths = [_ROOT, *(str(Path(path).absolute()) for path in sys.path if job.kinds)]
    # In a folder of our own: a pupil's random.py beside the script must not stand in for Python's.
    done = subprocess.run(
        [sys.executable, "-c", _START, json.dumps(paths), str(job_file), str(figures_file)],
        cwd=work,
        env={
            **os.environ,
            "PYTHONIOENCODING": "utf-8",
            "OMP_NUM_THREADS": str(job.threads),
            "MMEDU_LANG": current_language(),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if figures_file.exists():
        figures: dict[str, Any] = json.loads(figures_file.read_text(encoding="utf-8"))
        return figures
    output = " | ".join(done.stdout.strip().splitlines()[-_LAST_LINES:])
    reason = say(f"the process ended with {done.returncode}: {output}", f"进程以 {done.returncode} 结束：{output}")
    return {"error": reason}
