"""``mmedu check``: read a dataset as training would, decode every picture, say what is wrong. Works without torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from MMEdu.cli.output import AsJson, lines_on_stderr, print_json

if TYPE_CHECKING:
    from BaseDT.dataset.check import Damaged
    from BaseDT.dataset.imagenet import ImageNetDataset


def check(data: Annotated[Path, typer.Argument(help="The dataset's folder.")], as_json: AsJson = False) -> None:
    """Check a dataset: its layout, its text files, every picture. (检查数据集)"""
    from BaseDT.dataset.imagenet import load

    dataset = load(data)
    with lines_on_stderr(as_json):
        damaged = _decode_all(dataset)
    if as_json:
        print_json(_as_json(dataset, damaged))
    else:
        _tell(dataset, damaged)
    raise typer.Exit(1 if damaged else 0)


def _decode_all(dataset: ImageNetDataset) -> tuple[Damaged, ...]:
    from BaseDT.dataset.check import check_images
    from BaseDT.language import say
    from MMEdu.engine.events import Progress
    from MMEdu.engine.listeners.console import console

    emit, what = console(), say("Checking pictures", "检查图片")
    samples = [*dataset.train, *dataset.val, *dataset.test]
    return check_images(samples, progress=lambda done, total: emit(Progress(what, done, total)))


def _as_json(dataset: ImageNetDataset, damaged: tuple[Damaged, ...]) -> dict[str, Any]:
    return {
        "classes": list(dataset.classes),
        "train": list(dataset.counts("train")),
        "val": list(dataset.counts("val")),
        "test": list(dataset.counts("test")),
        "notes": list(dataset.notes),
        "damaged": [{"path": str(item.path), "reason": item.reason} for item in damaged],
    }


def _tell(dataset: ImageNetDataset, damaged: tuple[Damaged, ...]) -> None:
    from BaseDT.language import say

    parts = [dataset.counts(part) for part in ("train", "val", "test")]
    for name, *counts in zip(dataset.classes, *parts, strict=True):
        typer.echo(say("{}: {} train, {} val, {} test", "{}：训练 {}，验证 {}，测试 {}").format(name, *counts))
    for note in dataset.notes:
        typer.echo(note)
    for item in damaged:
        typer.echo(f"{item.path}: {item.reason}")
    total = sum(map(sum, parts))
    typer.echo(say(f"{total} pictures, {len(damaged)} damaged.", f"共 {total} 张图片，{len(damaged)} 张损坏。"))
