"""A process that judges models which strangers handed in: a JSON line a job.

A model that crashes its runtime, or eats the memory that this process may have, ends this process and nothing else.
Jobs: ``{"describe": FOLDER, "language": "zh"}``, ``{"judge": FILE, "data": FOLDER, "report": FILE, "language": …}``.
Answers: ``{"progress": [done, total]}``, then ``{"done": {…}}`` or ``{"failed": {"message", "hint"}}``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import mmap
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from BaseDT.errors import CheckpointInvalid, ClassCountMismatch, DatasetInvalid, ModelUnsupported, XEduError
from BaseDT.files import write_whole
from BaseDT.language import english, say, use_language
from BaseDT.listing import shortened

_MEMORY = 4 * 2**30
_LISTED = 12
_KINDS = ("classification", "detection")
_OUTSIDE = b"\x0a\x08location\x12"
"""How an ONNX file names another file as the place of its weights."""


def main() -> None:
    """Answer jobs until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever a library prints is no answer
    _limit()
    for line in sys.stdin:
        job = json.loads(line)
        with use_language(job["language"]):
            try:
                done = _describe(Path(job["describe"])) if "describe" in job else _judge(job, answers)
                answer: dict[str, Any] = {"done": done}
            except XEduError as error:
                answer = {"failed": {"message": error.message, "hint": error.hint}}
            except MemoryError:
                answer = {
                    "failed": {"message": say("The model takes too much memory.", "模型占用的内存太多。"), "hint": ""}
                }
        _tell(answers, answer)


def _describe(folder: Path) -> dict[str, Any]:
    """Say what a folder of labelled pictures has: ``kind``, ``pictures``, and how many of each class.

    Raises:
        DatasetNotFound, DatasetInvalid: It cannot be used (-101, -201).
    """
    from XEdu.evaluation import class_folders
    from XEdu.evaluation.kind import evaluation_of
    from XEdu.outputs import kind as kinds

    try:
        labelled = class_folders.read(folder)
    except DatasetInvalid as no_classes:
        try:
            boxed = evaluation_of(kinds.find("detection"), folder.name).read(folder)
        except XEduError:
            raise no_classes from None
        return {"kind": "find", "pictures": len(boxed.pictures), "classes": dict.fromkeys(boxed.classes, 0)}
    counts = dict.fromkeys(labelled.classes, 0)
    for picture in labelled.pictures:
        counts[labelled.classes[picture.label]] += 1
    return {"kind": "classify", "pictures": len(labelled.pictures), "classes": counts}


def _judge(job: dict[str, Any], answers: TextIO) -> dict[str, Any]:
    """Judge a model. Pictures of classes that it does not know count as wrong: all are judged on the same ones.

    Raises:
        XEduError: The model or the folder cannot be used.
    """
    from MMEdu.actions.exported_model import threshold_of
    from XEdu.evaluation.kind import evaluation_of
    from XEdu.runtime.model import Model

    file, data = Path(job["judge"]), Path(job["data"])
    _refuse_what_is_no_model(file)
    model = Model.load(file)
    if model.kind is None or model.kind.name not in _KINDS or not model.knows_itself:
        raise _of_another_kind()
    how = evaluation_of(model.kind, file.name)
    try:
        judged = how.judge(
            model, how.read(data), threshold_of(model, None), lambda *far: _tell(answers, {"progress": far})
        )
    except ClassCountMismatch as error:  # its hint is for who chose the pictures
        again = say(
            "Call your classes as the test does, train again, hand in anew.",
            "请把类别改成与测试集相同的名称，重新训练后再提交。",
        )
        raise ClassCountMismatch(error.message, hint=again) from error
    content = dict(judged.content)
    # Without the drawings of mmedu eval: they take ten times as long as the models of a class.
    write_whole(Path(job["report"]), json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    return _found_objects(content) if "objects" in content else _right_pictures(content, _describe(data))


def _right_pictures(content: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    total = described["pictures"] - len(content["damaged"])
    right = content["right"]
    mistakes = [
        {"file": one["file"], "true": one["true"], "said": one["predicted"], "score": one["score"]}
        for one in content["mistakes"][:_LISTED]
    ]
    per_class = [{"class": row["class"], "of": row["support"], "found": row["recall"]} for row in content["per_class"]]
    return {
        "score": round(right / total, 4) if total else 0.0,
        "right": right,
        "total": total,
        "classes": content["classes"],
        "per_class": per_class,
        "mistakes": mistakes,
        "sentences": _about_classes(content["unknown_classes"], content["missing_classes"]),
    }


def _found_objects(content: dict[str, Any]) -> dict[str, Any]:
    """Of a detector the score is F1: objects that it misses and alarms that are false count alike."""
    found, missed, alarms = content["found"], content["missed"], content["false_alarms"]
    worst = [{"file": one["file"], "true": "", "said": "", "score": 0.0} for one in content["mistakes"][:_LISTED]]
    both = 2 * found + missed + alarms
    return {
        "score": round(2 * found / both, 4) if both else 0.0,
        "right": found,
        "total": found + missed,
        "classes": content["classes"],
        "per_class": [],
        "mistakes": worst,
        "sentences": [
            say(
                f"It found {found} of {found + missed} objects; {alarms} false alarms.",
                f"找到 {found + missed} 个目标中的 {found} 个；误报 {alarms} 个。",
            ),
            *_about_classes(content["unknown_classes"], content["missing_classes"]),
        ],
    }


def _about_classes(unknown: list[str], missing: list[str]) -> list[str]:
    sentences = []
    if unknown:
        names = shortened(unknown)
        sentences.append(
            say(
                f"The model does not know these classes of the test; their pictures count as wrong: {english(names)}.",
                f"测试集中有模型不认识的类别，这些图片都算答错：{names}。",
            )
        )
    if missing:
        names = shortened(missing)
        sentences.append(
            say(
                f"It also knows classes that the test lacks: {english(names)}.",
                f"模型还有测试集中没有的类别：{names}。",
            )
        )
    return sentences


def _of_another_kind() -> ModelUnsupported:
    return ModelUnsupported(
        say("This model does not say what it sees in a picture.", "这个模型没有说明自己能识别什么。"),
        hint=say(
            "Hand in a model that MMEdu made: a classifier, or a detector.",
            "请提交 MMEdu 生成的图像分类或目标检测模型。",
        ),
    )


def _refuse_what_is_no_model(file: Path) -> None:
    """Refuse a file that names other files as its weights: it could name anybody's.

    Raises:
        CheckpointInvalid: It does (-202).
    """
    outside = -1
    with file.open("rb") as opened:
        if opened.seek(0, os.SEEK_END):
            with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
                outside = content.find(_OUTSIDE)
    if outside >= 0:
        raise CheckpointInvalid(
            say("The model's weights lie in another file.", "模型的权重放在另一个文件里。"),
            hint=say("Convert it with MMEdu: one file.", "请用 MMEdu 转换成单个文件。"),
        )


def _limit() -> None:
    """Take no more than a part of the memory, and leave the cores to the page."""
    if sys.platform != "win32":
        os.nice(5)
        resource = importlib.import_module("resource")
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _tell(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
