"""``mmedu check``: read a dataset as training would, decode every picture, say what is wrong. Works without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.decoding import Sizes, decode_all
from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import lines_on_stderr, print_json, table

if TYPE_CHECKING:
    from BaseDT.dataset.check import Damaged
    from BaseDT.dataset.imagenet import ImageNetDataset

# Beyond this side the documents advise against LeNet, as for colour.
_TOO_RICH_FOR_LENET = 224


def check(
    data: Annotated[Path, positional("The dataset's folder.", "数据集文件夹。")],
    backbone: Annotated[str | None, option("Say how its pictures suit this model.", "说明图片是否适合该模型。")] = None,
    sheet: Annotated[
        Path,
        option(
            "Where a detection set's pictures are drawn with their boxes.", "把检测数据集的图片连同标注框画到此文件。"
        ),
    ] = Path("check_result", "boxes.png"),
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Check a dataset: layout, annotations, pictures (检查数据集)."""
    from BaseDT.dataset.coco import looks_like_coco
    from BaseDT.dataset.imagenet import load
    from BaseDT.dataset.layout import folder_at

    if looks_like_coco(folder_at(data)):
        from MMEdu.cli import check_boxes

        check_boxes.check(data, backbone, sheet, as_json)
        return
    dataset = load(data)
    with lines_on_stderr(as_json):
        damaged, sizes = decode_all([*dataset.train, *dataset.val, *dataset.test])
    notes = [*dataset.notes, *(_suitability(backbone, sizes) if backbone is not None else [])]
    if as_json:
        print_json(_content(dataset, notes, damaged, sizes))
    else:
        _tell(dataset, notes, damaged)
    if damaged:
        raise typer.Exit(1)


def _suitability(backbone: str, sizes: Sizes) -> list[str]:
    """Compare the pictures' sizes with the model's input.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    from MMEdu.models import recipe_file

    entry = recipe_file.entry_of(backbone, "classification")
    height, width = entry.preprocess.size
    colour = entry.preprocess.color
    lines = [say(f"{entry.name} sees {colour} {width}x{height}.", f"{entry.name} 的输入：{colour} {width}x{height}。")]
    small = sum(min(size) < min(height, width) for size in sizes)
    large = sum(min(size) > _TOO_RICH_FOR_LENET for size in sizes)
    if 2 * small > len(sizes):
        lines.append(say(f"{small} pictures are smaller: they will be enlarged.", f"{small} 张图片比它小，将被放大。"))
    if colour == "gray" and 2 * large > len(sizes):
        lines.append(
            say(
                f"{large} pictures are larger than {_TOO_RICH_FOR_LENET} pixels: MobileNet and ResNet18 see more.",
                f"{large} 张图片大于 {_TOO_RICH_FOR_LENET} 像素：建议使用 MobileNet 或 ResNet18。",
            )
        )
    return lines


def _content(
    dataset: ImageNetDataset, notes: Sequence[str], damaged: Sequence[Damaged], sizes: Sizes
) -> dict[str, object]:
    return {
        "ok": not damaged,
        "root": str(dataset.root),
        "classes": list(dataset.classes),
        "train": list(dataset.counts("train")),
        "val": list(dataset.counts("val")),
        "test": list(dataset.counts("test")),
        "short_side": [min(map(min, sizes)), max(map(min, sizes))] if sizes else None,
        "notes": list(notes),
        "damaged": [{"path": str(item.path), "reason": item.reason} for item in damaged],
    }


def _tell(dataset: ImageNetDataset, notes: Sequence[str], damaged: Sequence[Damaged]) -> None:
    train, val, test = (dataset.counts(split) for split in ("train", "val", "test"))
    head = (say("class", "类别"), say("train", "训练"), say("val", "验证"), say("test", "测试"))
    rows: list[tuple[str | int, ...]] = [head, *zip(dataset.classes, train, val, test, strict=True)]
    rows.append((say("total", "合计"), sum(train), sum(val), sum(test)))
    for line in [*table(rows), *notes]:
        typer.echo(line)
    for item in damaged:
        typer.echo(say(f"Damaged: {item.path}: {item.reason}", f"损坏：{item.path}：{item.reason}"))
    total = sum((*train, *val, *test))
    typer.echo(say(f"{total} pictures, {len(damaged)} damaged.", f"共 {total} 张图片，{len(damaged)} 张损坏。"))
