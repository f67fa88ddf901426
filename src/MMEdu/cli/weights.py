"""``mmedu weights``: the pretrained weights there are, where they lie on this machine, whether they are whole.

Nothing is downloaded here: training with ``pretrained=`` does that.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import print_json, table

if TYPE_CHECKING:
    from MMEdu.weights.catalogue import Weights

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
    from MMEdu.requirements import require_train

    require_train()
    rows = _every() if every else _of_the_house()
    if as_json:
        print_json({"folder": str(_folder()), "weights": [_content(model, one) for model, one in rows]})
        return
    head = (say("model", "模型"), say("tag", "标签"), say("file", "文件"), "MB", say("here", "本机"))
    lines: list[tuple[str | int, ...]] = [head]
    for model, one in rows:
        lines.append((model, one.tag, one.file_name, round(one.size / _MB), _mark(one)))
    for line in table(lines):
        typer.echo(line)
    typer.echo(say(f"Folder: {_folder()}", f"文件夹：{_folder()}"))


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
        print_json({"folder": str(_folder())}) if as_json else typer.echo(str(_folder()))
        return
    from MMEdu.requirements import require_train
    from MMEdu.weights import catalogue
    from MMEdu.weights import weights_folder as home

    require_train()
    entry = catalogue.entry_of(model)
    chosen = catalogue.choose(entry, True if tag is None else tag)
    place = home.place_of(chosen)
    if as_json:
        print_json(_content(entry.name, chosen))
    else:
        typer.echo(str(place))
    if not place.is_file():
        text = f"It is not here yet: train(pretrained=...) downloads it from {chosen.url}."
        typer.echo(say(text, f"文件尚未下载：train(pretrained=...) 会从 {chosen.url} 下载。"), err=True)
        raise typer.Exit(1)


@weights.command("verify")
def verify(as_json: Annotated[bool, json_option()] = False) -> None:
    """Check the files that are here by their SHA-256; exit code 1 where one is damaged (校验权重文件)."""
    from MMEdu.requirements import require_train
    from MMEdu.weights import catalogue
    from MMEdu.weights import weights_folder as home

    require_train()
    there = [one for one in catalogue.everything() if home.place_of(one).exists()]
    states = {one.file_name: home.state_of(one) for one in there}
    wrong = [name for name, state in states.items() if state != "whole"]
    if as_json:
        print_json({"folder": str(_folder()), "files": states})
    elif not states:
        typer.echo(say(f"No weights in {_folder()}.", f"{_folder()} 中没有权重文件。"))
    else:
        for name, state in states.items():
            typer.echo(f"{name}  {_said(state)}")
    if wrong:
        text = f"Damaged, delete it and train with pretrained= again: {', '.join(wrong)}"
        typer.echo(say(text, f"文件已损坏，请删除后重新用 pretrained= 训练：{'、'.join(wrong)}"), err=True)
        raise typer.Exit(1)


def _folder() -> Path:
    from MMEdu.folders import weights_folder

    return weights_folder()


def _of_the_house() -> list[tuple[str, Weights]]:
    from MMEdu.actions.models import entries
    from MMEdu.weights import catalogue

    return [(entry.name, weights_file) for entry in entries() for weights_file in catalogue.of(entry)]


def _every() -> list[tuple[str, Weights]]:
    from MMEdu.weights import catalogue

    house = _of_the_house()
    known = {one.file_name for _, one in house}
    return house + [(one.source, one) for one in catalogue.everything() if one.file_name not in known]


def _mark(one: Weights) -> str:
    from MMEdu.weights import weights_folder as home

    return say("yes", "有") if home.place_of(one).is_file() else ""


def _said(state: str) -> str:
    return {"whole": say("whole", "完整"), "wrong": say("DAMAGED", "已损坏")}.get(state, state)


def _content(model: str, one: Weights) -> dict[str, object]:
    from MMEdu.weights import weights_folder as home

    return {
        "model": model,
        "tag": one.tag,
        "file": one.file_name,
        "url": one.url,
        "size": one.size,
        "sha256_prefix": one.sha256_prefix,
        "path": str(home.place_of(one)),
        "here": home.place_of(one).is_file(),
    }
