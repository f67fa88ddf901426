"""``mmedu demo``: a main job on real data, and where everything that it made lies."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from BaseDT.language import say
from BaseDT.terminal import table
from MMEdu.cli.options import option, positional
from MMEdu.cli.output import display_path, echo, meaning

if TYPE_CHECKING:
    from MMEdu.actions.training_result import TrainingResult
    from MMEdu.demo import classification, detection

NamedFile = tuple[str, Path]


class Demo(str, Enum):
    """The demos there are."""

    CLS = "cls"
    DET = "det"


def demo(
    which: Annotated[
        Demo,
        positional(
            "cls: handwritten digits are classified; det: they are found on pages.",
            "cls：手写数字分类；det：在页面上检测手写数字。",
        ),
    ] = Demo.CLS,
    out: Annotated[Path, option("Where everything is written.", "输出文件夹。")] = Path("mmedu_demo"),
    epochs: Annotated[
        int | None, option("How long to train; the demo's own by default.", "训练轮数；默认由演示决定。", min=1)
    ] = None,
) -> None:
    """Train on handwritten digits and look at the result (演示)."""
    failed = _classify(out, epochs) if which is Demo.CLS else _detect(out, epochs)
    for line in failed:
        echo(line, err=True)
    if failed:
        raise typer.Exit(1)


def _classify(out: Path, epochs: int | None) -> list[str]:
    from MMEdu.demo import classification

    outcome = classification.run(out, echo, epochs or classification.EPOCHS)
    accuracy, tested = outcome.accuracy, outcome.tested
    echo(
        say(
            f"\nTest set: {accuracy:.2f} % of {tested} pictures that it never saw are recognised.",
            f"\n测试集：{tested} 张从未见过的图片，准确率 {accuracy:.2f} %。",
        )
    )
    _report_files(_files_of_classification(outcome))
    return [] if accuracy >= classification.GOAL else [_below(classification.GOAL, fewer=epochs is not None)]


def _detect(out: Path, epochs: int | None) -> list[str]:
    from MMEdu.demo import detection

    outcome = detection.run(out, echo, epochs or detection.EPOCHS)
    _report_metrics(outcome)
    _report_files(_files_of_detection(outcome))
    failed = [] if outcome.ap50 >= detection.GOAL else [_below(detection.GOAL, fewer=epochs is not None)]
    if outcome.same < outcome.compared:
        failed.append(say("The converted model says something else.", "转换后的模型与原模型结果不一致。"))
    return failed


def _report_metrics(outcome: detection.Outcome) -> None:
    echo(
        say(
            f"\nTest set, {outcome.tested} pages with digits that it never saw (AP in percent):",
            f"\n测试集：{outcome.tested} 张页面，其中的数字从未见过（AP，百分比）：",
        )
    )
    ten, digit = outcome.ten, outcome.digit
    head = (say("class", "类别"), say("digits", "数量"), "AP50", "AP")
    rows: list[tuple[str | int, ...]] = [head]
    for label, count in enumerate(ten.counts.tolist()):
        rows.append((str(label), count, _percent(ten.ap50[label]), _percent(ten.ap[label])))
    total = int(ten.counts.sum())
    for name, overall in ((say("ten classes", "十个类别"), ten.overall), (say("digit", "数字"), digit.overall)):
        rows.append((name, total, _percent(overall["mAP_50"]), _percent(overall["mAP"])))
    for line in table(rows):
        echo(f"  {line}")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}" if share >= 0 else "-"  # -1: there is no such digit


def _report_files(files: Iterator[NamedFile]) -> None:
    echo(say("Where everything lies:", "文件位置："))
    for text, path in files:
        echo(f"  {text}: {display_path(path)}")


def _files_of_classification(outcome: classification.Outcome) -> Iterator[NamedFile]:
    yield say("the digits", "手写数字数据集"), outcome.dataset
    yield from _files_of_training(outcome.training, "classification")
    yield say("result pictures", "推理结果图片"), outcome.pictures
    if outcome.explained is not None:
        yield say("where the model looks", "模型关注的区域"), outcome.explained


def _files_of_detection(outcome: detection.Outcome) -> Iterator[NamedFile]:
    yield say("the pages", "页面数据集"), outcome.dataset
    yield say("the recipe", "训练配置"), outcome.recipe
    yield from _files_of_training(outcome.training, "detection")
    yield say("result pictures", "推理结果图片"), outcome.pictures
    yield say("the converted model", "转换后的模型"), outcome.converted


def _files_of_training(run: TrainingResult, task: str) -> Iterator[NamedFile]:
    if run.best_file is not None:
        yield say("the trained model", "训练好的模型"), run.best_file
    for path in run.report:
        yield meaning(path.name, task), path
    if run.log_file is not None:
        yield say("the log", "训练日志"), run.log_file


def _below(goal: float, *, fewer: bool) -> str:
    text = say(f"This is below the {goal:g} % that the demo should reach.", f"低于本演示应达到的 {goal:g} %。")
    cause = say("--epochs was given: leave it out.", "请去掉 --epochs 再试。")
    return f"{text} {cause}" if fewer else text
