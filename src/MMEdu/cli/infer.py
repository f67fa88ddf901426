"""``mmedu infer``: predict pictures and folders with a checkpoint, which knows its own model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.cli.checkpoints import model_of
from MMEdu.cli.output import AsJson, lines_on_stderr, print_json

if TYPE_CHECKING:
    from MMEdu.classification import Prediction
    from MMEdu.detection import Found


def infer(
    checkpoint: Annotated[Path, typer.Argument(help="A .pth file.")],
    images: Annotated[list[Path], typer.Argument(help="Pictures and folders of pictures.")],
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:N, mps or auto.")] = "cpu",
    save_fold: Annotated[
        Path | None, typer.Option(help="Where the results are drawn; cls_result or det_result.")
    ] = None,
    show: Annotated[bool, typer.Option(help="Draw the results.")] = True,
    thr: Annotated[float | None, typer.Option(help="Least score of a box: 0.3, or 0.7 in two-stage models.")] = None,
    rpn_threshold: Annotated[float | None, typer.Option(help="Least score of a region in two-stage models.")] = None,
    classes: Annotated[
        Path | None, typer.Option(help="What the classes are called: a classes.txt, or a data set's folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Predict pictures with a trained model (用训练好的模型推理)."""
    from BaseDT.image import expand

    source: Path | Sequence[Path] = images if len(images) > 1 else images[0]
    with lines_on_stderr(as_json):
        model = model_of(checkpoint)
        asked = {"thr": thr, "rpn_threshold": rpn_threshold}
        least: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        if least and model.TASK != "detection":
            raise _no_boxes(next(iter(least)))
        items, _ = expand(source)
        folder = save_fold or Path("det_result" if model.TASK == "detection" else "cls_result")
        found: Any = model.inference(
            device=device,
            checkpoint=checkpoint,
            image=source,
            show=show,
            save_fold=folder,
            class_path=classes,
            **least,
        )
    several = found if len(items) > 1 or Path(images[0]).is_dir() else [found]
    results = dict(zip(model.files, several, strict=True))
    rows = [(str(item.source), results[item.name]) for item in items if item.name in results]
    left_out = [str(item.source) for item in items if item.name not in results]
    if as_json:
        place = str(folder) if show else None
        print_json({"results": [_row(*row) for row in rows], "left_out": left_out, "save_fold": place})
    else:
        _tell(rows, folder if show else None)
    if left_out:  # the library has said why
        raise typer.Exit(1)


def _no_boxes(name: str) -> ParameterInvalid:
    option = "--" + name.replace("_", "-")
    hint = say(f"Leave {option} out.", f"请去掉 {option}。")
    return ParameterInvalid(f"{option} is for boxes; this model classifies whole pictures.", hint=hint)


def _row(file: str, result: Prediction | list[Found]) -> dict[str, object]:
    if isinstance(result, list):
        return {"file": file, "objects": [_object(found) for found in result]}
    return {"file": file, **{name: value for name, value in result.items() if name != "file_name"}}


def _object(found: Found) -> dict[str, object]:
    names = {"类别标签": "label", "置信度": "score", "坐标": "box", "预测结果": "class"}
    return {names[name]: value for name, value in found.items()}


def _tell(rows: Sequence[tuple[str, Prediction | list[Found]]], save_fold: Path | None) -> None:
    for file, result in rows:
        if isinstance(result, list):
            told = ", ".join(f"{found['预测结果']} {found['置信度']:.4f}" for found in result)
            typer.echo(f"{file}: {told or say('nothing found', '没有检测到物体')}")
        else:
            typer.echo(f"{file}: {result['pred_class']} {result['pred_score']:.4f}")
    if rows and save_fold is not None:
        typer.echo(say(f"Drawn in {save_fold}.", f"结果图片在 {save_fold}。"))
