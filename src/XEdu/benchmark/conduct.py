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

from BaseDT.arguments import checked_path
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
    asked = _models(models)
    counts, lasting = _threads(threads), _seconds(seconds)
    place = None if images is None else checked_path("images", images)
    paths = [existing(path) for path in asked]
    names = _names(asked, paths)
    with tempfile.TemporaryDirectory(prefix="mmedu-benchmark-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        pictures = generate(work) if place is None else find(place.absolute())
        rows: list[Row] = []
        notes: dict[str, None] = {}
        for path, name in zip(paths, names, strict=True):
            for number, count in enumerate(counts):
                if tell is not None:
                    tell(say(f"{name}, {_counted(count, 'thread')} …", f"{name}，{count} 线程……"))
                row, said = _measured(path, name, count, pictures, lasting, work, judge=not number)
                rows.append(_with_accuracy(row, rows[-1] if number else None))
                notes |= dict.fromkeys(said)
    return Report(machine.describe(), pictures.source, tuple(rows), tuple(notes))


def _models(wanted: object) -> list[Path]:
    if isinstance(wanted, (str, os.PathLike)):
        wanted = [wanted]
    if not isinstance(wanted, Sequence) or not wanted:
        hint = say("Give the file of a model, or a list of such.", "请给出模型文件，或它们的列表。")
        raise ParameterInvalid(f"models={wanted!r:.80} names no model.", hint=hint)
    return [checked_path("models", model) for model in wanted]


def _names(asked: Sequence[Path], paths: Sequence[Path]) -> list[str]:
    """Call each model by its file's name, or, where another file has the same name, by its path as it was given."""
    shared = Counter(name for name, _ in {(path.name, path.resolve()) for path in paths})
    return [path.name if shared[path.name] == 1 else str(path) for path in asked]


def _threads(wanted: object) -> list[int]:
    counts = list(wanted) if isinstance(wanted, Sequence) and not isinstance(wanted, (str, bytes)) else None
    if counts is None or any(
        isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 1024 for count in counts
    ):
        raise ParameterInvalid(
            f"threads is {wanted!r:.80}.",
            hint=say("Expected a list of whole numbers from 1, such as [1, 4].", "应为正整数的列表，例如 [1, 4]。"),
        )
    return list(dict.fromkeys(counts or (1, cores.available())))


def _seconds(wanted: object) -> float:
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and 0 < wanted < 3600:
        return float(wanted)
    hint = say("Expected a number above 0 and below 3600.", "应为大于 0 且小于 3600 的数。")
    raise ParameterInvalid(f"seconds is {wanted!r:.80}.", hint=hint)


def _measured(
    path: Path, name: str, threads: int, pictures: Pictures, seconds: float, work: Path, *, judge: bool
) -> tuple[Row, list[str]]:
    """Measure one model in a process; returns its row and what a reader must know."""
    row = Row(name, threads, size_mb(path), "INT8" if looks_int8(path) else "FP32", file=str(path))
    timed = [str(file) for file in pictures.timed()]
    labelled, boxed = (pictures.labelled(), str(pictures.boxed or "")) if judge else ([], "")
    found = _child(Job(str(path), threads, timed, labelled, seconds, boxed), work)
    told = [] if "error" in found else [*_notes(name, found), *_other_task(name, found, bool(labelled), bool(boxed))]
    return row_of(found, row), told


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
        yield say(f"{name}: cannot be read: {_counted(count, 'picture')}.", f"{name}：{count} 张图片无法读取。")
    if count := found.get("foreign"):
        yield say(
            f"{name}: not judged, because their folders are none of its classes: {_counted(count, 'picture')}.",
            f"{name}：{count} 张图片所在的文件夹不是它的类别，未参与评估。",
        )
    if count := found.get("foreign_boxes"):
        yield say(
            f"{name}: not judged, because they belong to none of its classes: {_counted(count, 'box')}.",
            f"{name}：{count} 个标注框不属于它的类别，未参与评估。",
        )
    if found.get("unjudged"):
        yield say(f"{name}: mAP needs faster-coco-eval: {INSTALL}.", f"{name}：mAP 需要 faster-coco-eval：{INSTALL}。")


def _other_task(name: str, found: Mapping[str, Any], labelled: bool, boxed: bool) -> Iterator[str]:
    """Say why pictures whose content is known tell nothing of a model of another task."""
    if labelled and found.get("task") == "detection":
        yield say(
            f"{name} finds boxes, and class folders tell of none: no mAP. Give a set in COCO's layout.",
            f"{name} 是检测模型，而按类别分好的文件夹中没有标注框，因此没有 mAP。请给出 COCO 格式的数据集。",
        )
    if boxed and found.get("task") == "classification":
        yield say(
            f"{name} classifies whole pictures, and this set tells of boxes: no accuracy. Give class folders.",
            f"{name} 是分类模型，而该数据集标注的是框，因此没有准确率。请给出按类别分好的文件夹。",
        )


def _counted(count: int, what: str) -> str:
    """Say a number of things in English."""
    several = f"{what}es" if what.endswith("x") else f"{what}s"
    return f"{count} {what if count == 1 else several}"


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
