"""``mmedu demo``: the main job on real data, and where everything that it made lies."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.output import meaning, shown

if TYPE_CHECKING:
    from MMEdu.demo.classification import Outcome


class Demo(str, Enum):
    """The demos there are."""

    CLS = "cls"


def demo(
    which: Annotated[Demo, typer.Argument(help="cls: handwritten digits are classified.")] = Demo.CLS,
    out: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("mmedu_demo"),
    epochs: Annotated[int | None, typer.Option(min=1, help="How long to train; 10 by default.")] = None,
) -> None:
    """Train LeNet on real handwritten digits and look at the result (手写数字识别演示)."""
    del which  # one so far
    from MMEdu.demo import classification

    outcome = classification.run(out, typer.echo, epochs or classification.EPOCHS)
    typer.echo(_summary(outcome))
    if outcome.accuracy < classification.GOAL:
        typer.echo(_below(classification.GOAL, fewer=epochs is not None), err=True)
        raise typer.Exit(1)


def _summary(outcome: Outcome) -> str:
    accuracy, tested = outcome.accuracy, outcome.tested
    places = "\n".join(f"  {text}: {shown(path)}" for text, path in _places(outcome))
    return say(
        f"\nTest set: {accuracy:.2f} % of {tested} pictures that it never saw are recognised.\n"
        f"Where everything lies:\n{places}",
        f"\n测试集：{tested} 张从未见过的图片，准确率 {accuracy:.2f} %。\n文件位置：\n{places}",
    )


def _places(outcome: Outcome) -> list[tuple[str, Path]]:
    run = outcome.training
    places = [(say("the digits", "手写数字数据集"), outcome.dataset)]
    if run.best_file is not None:
        places.append((say("the trained model", "训练好的模型"), run.best_file))
    places += [(meaning(path.name), path) for path in run.report]
    if run.log_file is not None:
        places.append((say("the log", "训练日志"), run.log_file))
    places.append((say("result pictures", "推理结果图片"), outcome.pictures))
    if outcome.explained is not None:
        places.append((say("where the model looks", "模型关注的区域"), outcome.explained))
    return places


def _below(goal: float, *, fewer: bool) -> str:
    text = say(f"This is below the {goal:g} % that the demo should reach.", f"低于本演示应达到的 {goal:g} %。")
    cause = say("--epochs was given: leave it out.", "请去掉 --epochs 再试。")
    return f"{text} {cause}" if fewer else text
