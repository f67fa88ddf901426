"""Measures models one after the other, each in a process of its own; the door of this room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.metrics.boxes import INSTALL
from XEdu.benchmark import machine
from XEdu.benchmark.files import existing, looks_int8, size_mb
from XEdu.benchmark.measure import Job, as_values
from XEdu.benchmark.pictures import Pictures, find, generate
from XEdu.benchmark.report import Report, Row, row_of
from XEdu.runtime import threads as cores

_TOLD = 5  # lines of what a dead worker said
_ROOT = str(Path(__file__).resolve().parents[2])
# Last on the path, where this process may have found it by other means than an installation.
_START = "import sys; sys.path.append(sys.argv[1]); from XEdu.benchmark.worker import main; main(*sys.argv[2:])"


def run(
    models: Sequence[str | os.PathLike[str]],
    *,
    images: str | os.PathLike[str] | None = None,
    threads: Sequence[int] = (),
    seconds: float = 3.0,
    tell: Callable[[str], None] | None = None,
) -> Report:
    """Measure models on this machine.

    Args:
        models: Files of exported models.
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
    paths = [existing(Path(model)) for model in models]
    counts = _threads(threads)
    if not paths or not 0 < seconds < 3600:
        raise ParameterInvalid(
            f"{len(paths)} models and seconds={seconds!r}.",
            hint=say("Give at least one model, and a time above 0.", "请至少给出一个模型，测量时间须大于 0。"),
        )
    with tempfile.TemporaryDirectory(prefix="mmedu-benchmark-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        pictures = generate(work) if images is None else find(Path(images).absolute())
        rows: list[Row] = []
        notes: dict[str, None] = {}
        for path in paths:
            for number, count in enumerate(counts):
                if tell is not None:
                    tell(say(f"{path.name}, {count} threads …", f"{path.name}，{count} 线程……"))
                row, said = _measured(path, count, pictures, seconds, work, judge=not number)
                rows.append(_with_accuracy(row, rows[-1] if number else None))
                notes |= dict.fromkeys(said)
    return Report(machine.describe(), pictures.source, tuple(rows), tuple(notes))


def _threads(wanted: Sequence[int]) -> list[int]:
    if any(isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 1024 for count in wanted):
        raise ParameterInvalid(
            f"threads is {list(wanted)!r}.", hint=say("Expected whole numbers from 1.", "应为不小于 1 的整数。")
        )
    return list(dict.fromkeys(wanted or (1, cores.available())))


def _measured(
    path: Path, threads: int, pictures: Pictures, seconds: float, work: Path, *, judge: bool
) -> tuple[Row, list[str]]:
    """Measure one model in a process; returns its row and what a reader must know."""
    row = Row(path.name, threads, size_mb(path), "INT8" if looks_int8(path) else "FP32")
    timed = [str(file) for file in pictures.timed()]
    labelled, boxed = (pictures.labelled(), str(pictures.boxed or "")) if judge else ([], "")
    found = _child(Job(str(path), threads, timed, labelled, seconds, boxed), work)
    return row_of(found, row), [] if "error" in found else list(_notes(path.name, found))


def _with_accuracy(row: Row, before: Row | None) -> Row:
    """Threads do not change what a model says: it is judged once."""
    if before is None:
        return row
    return replace(row, **{name: getattr(before, name) for name in ("top1", "top5", "map", "map50", "judged")})


def _notes(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    if not found["whole"]:
        yield say(
            f"{name} does not say how its input is made: only the model itself was timed, on random numbers.",
            f"{name} 没有说明输入如何预处理：只用随机数测量了模型本身。",
        )
    if count := found.get("damaged"):
        yield say(f"{name}: {count} pictures cannot be read.", f"{name}：{count} 张图片无法读取。")
    if count := found.get("foreign"):
        yield say(
            f"{name}: {count} pictures lie in folders that are none of its classes, and were not judged.",
            f"{name}：{count} 张图片所在的文件夹不是它的类别，未参与评估。",
        )
    if count := found.get("foreign_boxes"):
        yield say(
            f"{name}: {count} boxes belong to none of its classes, and were not judged.",
            f"{name}：{count} 个标注框不属于它的类别，未参与评估。",
        )
    if found.get("unjudged"):
        yield say(f"{name}: mAP needs faster-coco-eval: {INSTALL}.", f"{name}：mAP 需要 faster-coco-eval：{INSTALL}。")


def _child(job: Job, work: Path) -> dict[str, Any]:
    """Run one worker; what it found, or why it found nothing."""
    asked, answer = work / "job.json", work / "answer.json"
    answer.unlink(missing_ok=True)
    asked.write_text(json.dumps(as_values(job)), encoding="utf-8")
    # In a folder of our own: a pupil's random.py beside the script must not stand in for Python's.
    done = subprocess.run(
        [sys.executable, "-c", _START, _ROOT, str(asked), str(answer)],
        cwd=work,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": str(job.threads)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if answer.exists():
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return found
    said = " | ".join(done.stdout.strip().splitlines()[-_TOLD:])
    return {"error": say(f"the process ended with {done.returncode}: {said}", f"进程以 {done.returncode} 结束：{said}")}
