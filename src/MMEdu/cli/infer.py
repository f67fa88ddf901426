"""``mmedu infer``: predict pictures and folders with a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from MMEdu.cli.output import AsJson, lines_on_stderr, print_json


def infer(
    checkpoint: Annotated[Path, typer.Argument(help="A .pth file.")],
    images: Annotated[list[Path], typer.Argument(help="Pictures and folders of pictures.")],
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:N, mps or auto.")] = "cpu",
    save_fold: Annotated[Path, typer.Option(help="Where the results are drawn.")] = Path("cls_result"),
    show: Annotated[bool, typer.Option(help="Draw the results.")] = True,
    as_json: AsJson = False,
) -> None:
    """Predict pictures; the model is the one that the checkpoint names. (推理)"""
    from MMEdu import MMClassification
    from MMEdu.info import read_meta

    rows = []
    with lines_on_stderr(as_json):
        model = MMClassification(str(read_meta(checkpoint)["backbone"]))
        model.load_checkpoint(checkpoint, device)
        for image in images:
            found = model.fast_inference(image=image, show=show, save_fold=save_fold)
            folder = image if image.is_dir() else image.parent
            for result in found if isinstance(found, list) else [found]:
                file = folder / str(result.get("file_name", image.name))
                rows.append({"file": str(file), **{k: v for k, v in result.items() if k != "file_name"}})
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['file']}: {row['pred_class']} {row['pred_score']:.4f}")
