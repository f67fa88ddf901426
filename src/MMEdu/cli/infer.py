"""``mmedu infer``: predict pictures and folders with a checkpoint, which knows its own model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.checkpoints import model_of
from MMEdu.cli.output import AsJson, lines_on_stderr, print_json

if TYPE_CHECKING:
    from MMEdu.classification import Prediction


def infer(
    checkpoint: Annotated[Path, typer.Argument(help="A .pth file.")],
    images: Annotated[list[Path], typer.Argument(help="Pictures and folders of pictures.")],
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:N, mps or auto.")] = "cpu",
    save_fold: Annotated[Path, typer.Option(help="Where the results are drawn.")] = Path("cls_result"),
    show: Annotated[bool, typer.Option(help="Draw the results.")] = True,
    as_json: AsJson = False,
) -> None:
    """Predict pictures with a trained model (用训练好的模型推理)."""
    from BaseDT.image import expand

    source: Path | Sequence[Path] = images if len(images) > 1 else images[0]
    with lines_on_stderr(as_json):
        model = model_of(checkpoint)
        items, _ = expand(source)
        found = model.inference(device=device, checkpoint=checkpoint, image=source, show=show, save_fold=save_fold)
    results = {items[0].name: found} if isinstance(found, dict) else {str(one["file_name"]): one for one in found}
    rows = [(str(item.source), results[item.name]) for item in items if item.name in results]
    left_out = [str(item.source) for item in items if item.name not in results]
    if as_json:
        folder = str(save_fold) if show else None
        print_json({"results": [_row(*row) for row in rows], "left_out": left_out, "save_fold": folder})
    else:
        _tell(rows, save_fold if show else None)
    if left_out:  # the library has said why
        raise typer.Exit(1)


def _row(file: str, result: Prediction) -> dict[str, object]:
    return {"file": file, **{name: value for name, value in result.items() if name != "file_name"}}


def _tell(rows: Sequence[tuple[str, Prediction]], save_fold: Path | None) -> None:
    for file, result in rows:
        typer.echo(f"{file}: {result['pred_class']} {result['pred_score']:.4f}")
    if rows and save_fold is not None:
        typer.echo(say(f"Drawn in {save_fold}.", f"结果图片在 {save_fold}。"))
