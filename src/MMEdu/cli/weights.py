"""``mmedu weights``: the pretrained weights there are, where they lie on this machine, whether they are whole.

Nothing is downloaded here: training with ``pretrained=`` does that.
"""

from __future__ import annotations

from typing import Annotated

import typer

from BaseDT.language import say
from MMEdu.actions import weights as action
from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import print_json, table

weights = typer.Typer(
    help="Pretrained weights: list, place, check (预训练权重).",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_MB = 10**6


@weights.command("list")
def list_(
    every: Annotated[
        bool, option("Those of every classifier of torchvision, too.", "包括 torchvision 的全部分类模型。", "--all")
    ] = False,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """List the weights that pretrained= can name, and which of them are here (列出预训练权重)."""
    rows = action.table(every=every)
    if as_json:
        print_json({"folder": str(action.folder()), "weights": rows})
        return
    head = (say("model", "模型"), say("tag", "标签"), say("file", "文件"), "MB", say("here", "本机"))
    lines: list[tuple[str | int, ...]] = [head]
    for row in rows:
        mark = say("yes", "有") if row["here"] else ""
        lines.append((row["model"], row["tag"], row["file"], round(row["size"] / _MB), mark))
    for line in table(lines):
        typer.echo(line)
    typer.echo(say(f"Folder: {action.folder()}", f"文件夹：{action.folder()}"))


@weights.command("path")
def path(
    model: Annotated[
        str | None, positional("A model's name; without one, the folder.", "模型名称；不写则给出文件夹。")
    ] = None,
    tag: Annotated[
        str | None, option("Which of its weights; the usual ones by default.", "选用哪一份权重；默认为常用的那份。")
    ] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Print where the weights of a model lie; exit code 1 where they are not here yet (权重文件的位置)."""
    if model is None:
        if tag is not None:
            raise typer.BadParameter("--tag belongs to a model: name it.")
        print_json({"folder": str(action.folder())}) if as_json else typer.echo(str(action.folder()))
        return
    chosen = action.choose(model, tag)
    if as_json:
        print_json(chosen)
    else:
        typer.echo(chosen["path"])
    if not chosen["here"]:
        text = f"It is not here yet: train(pretrained=...) downloads it from {chosen['url']}."
        typer.echo(say(text, f"文件尚未下载：train(pretrained=...) 会从 {chosen['url']} 下载。"), err=True)
        raise typer.Exit(1)


@weights.command("verify")
def verify(as_json: Annotated[bool, json_option()] = False) -> None:
    """Check the files that are here by their SHA-256; exit code 1 where one is damaged (校验权重文件)."""
    states = action.states()
    wrong = [name for name, state in states.items() if state != "whole"]
    if as_json:
        print_json({"folder": str(action.folder()), "files": states})
    elif not states:
        typer.echo(say(f"No weights in {action.folder()}.", f"{action.folder()} 中没有权重文件。"))
    else:
        for name, state in states.items():
            typer.echo(f"{name}  {_state_text(state)}")
    if wrong:
        text = f"Damaged, delete it and train with pretrained= again: {', '.join(wrong)}"
        typer.echo(say(text, f"文件已损坏，请删除后重新用 pretrained= 训练：{'、'.join(wrong)}"), err=True)
        raise typer.Exit(1)


def _state_text(state: str) -> str:
    return {"whole": say("whole", "完整"), "wrong": say("DAMAGED", "已损坏")}.get(state, state)
