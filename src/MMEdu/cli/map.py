"""``mmedu map``: draw pictures as a classifier sees them. The checkpoint knows its own model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from BaseDT.errors import TaskMismatch
from BaseDT.language import say
from MMEdu.cli.checkpoints import model_of
from MMEdu.cli.options import classes_option, device_option, json_option, option, positional
from MMEdu.cli.output import display_path, echo, lines_on_stderr, print_json

if TYPE_CHECKING:
    from MMEdu.actions.feature_map import FeatureMap


def map_(
    checkpoint: Annotated[Path, positional("A .pth file of a classifier.", "分类模型的权重文件（.pth）。")],
    data: Annotated[
        list[Path], positional("A data set, a folder of pictures, or pictures.", "数据集、图片文件夹，或图片。")
    ],
    method: Annotated[str, option("pca or tsne.", "降维方法：pca 或 tsne。")] = "pca",
    split: Annotated[
        str | None,
        option(
            "train, val, test or all of a data set; val by default.",
            "数据集的哪一部分：train、val、test 或 all；默认 val。",
        ),
    ] = None,
    images: Annotated[
        int, option("How many pictures at most, evenly of all classes.", "最多使用多少张图片，各类别均匀抽取。")
    ] = 2000,
    device: Annotated[str, device_option()] = "cpu",
    save_fold: Annotated[Path, option("Where it is drawn.", "输出文件夹。")] = Path("map_result"),
    classes: Annotated[Path | None, classes_option()] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Draw pictures as a model sees them (特征图).

    Those that are alike for it lie near each other.
    """
    source: Path | Sequence[Path] = data if len(data) > 1 else data[0]
    with lines_on_stderr(as_json):
        model = model_of(checkpoint)
        if not hasattr(model, "feature_map"):
            hint = say("Give the checkpoint of a classifier.", "请给出分类模型的权重。")
            raise TaskMismatch(
                say(
                    f"{checkpoint} was trained for {model.TASK}, not for classification.",
                    f"{checkpoint} 是为 {model.TASK} 训练的，不是图像分类。",
                ),
                hint=hint,
            )
        result = model.feature_map(
            source,
            checkpoint,
            device,
            method=method,
            split=split,
            images=images,
            save_fold=save_fold,
            class_path=classes,
        )
    if as_json:
        print_json(_content(result))
    else:
        _report_map(result)


def _content(result: FeatureMap) -> dict[str, object]:
    strangers = set(result.strangers)
    return {
        "file": str(result.file),
        "method": result.method,
        "classes": list(result.classes),
        "at_home": None if math.isnan(result.at_home) else result.at_home,
        "pictures": [
            {"file": name, "label": int(label), "x": float(x), "y": float(y), "stranger": index in strangers}
            for index, (name, label, (x, y)) in enumerate(zip(result.files, result.labels, result.points, strict=True))
        ],
    }


def _report_map(result: FeatureMap) -> None:
    count, lost = len(result.files), len(result.strangers)
    text = say(
        f"{count} pictures, {lost} of them among those of another class.",
        f"共 {count} 张图片，{lost} 张混在别的类别中。",
    )
    echo(text)
    if result.file is not None:
        echo(say(f"Drawn in {display_path(result.file)}.", f"特征图：{display_path(result.file)}。"))
