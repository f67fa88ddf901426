"""``mmedu train``: the five lines as one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from MMEdu.cli.output import AsJson, lines_on_stderr, print_json


def train(
    data: Annotated[Path, typer.Argument(help="The dataset's folder.")],
    backbone: Annotated[str, typer.Option(help="A model's name or a recipe file.")] = "LeNet",
    epochs: Annotated[int, typer.Option(help="How many, in total when a run is resumed.")] = 100,
    lr: Annotated[float, typer.Option(help="Base learning rate.")] = 0.01,
    weight_decay: Annotated[float, typer.Option(help="L2 penalty.")] = 0.001,
    batch_size: Annotated[int | None, typer.Option(help="Pictures per step; the recipe's by default.")] = None,
    optimizer: Annotated[str, typer.Option(help="SGD, Adam, Adagrad or AdamW.")] = "SGD",
    save_fold: Annotated[Path | None, typer.Option(help="Where everything is written.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="A .pth to start from.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:N, mps or auto.")] = "cpu",
    precision: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    image_size: Annotated[int | None, typer.Option(help="Side of the square input.")] = None,
    random_seed: Annotated[int, typer.Option(help="0 draws one.")] = 0,
    validate: Annotated[bool, typer.Option(help="Validate after every epoch.")] = True,
    check: Annotated[bool, typer.Option(help="Decode every picture first.")] = True,
    skip_damaged: Annotated[bool, typer.Option(help="Leave damaged pictures out.")] = False,
    balance: Annotated[bool, typer.Option(help="Weigh rare classes up.")] = False,
    early_stop: Annotated[int | None, typer.Option(help="Stop after so many epochs without a better result.")] = None,
    max_keep_ckpts: Annotated[int | None, typer.Option(help="Keep so many epoch_N.pth.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the interrupted run in --save-fold.")] = False,
    distributed: Annotated[bool, typer.Option(help="Train in several processes.")] = False,
    devices: Annotated[int | None, typer.Option(help="How many.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train a classifier. (训练)"""
    from MMEdu import MMClassification

    with lines_on_stderr(as_json):
        model = MMClassification(backbone)
        model.load_dataset(data, check="skip" if skip_damaged else check)
        log = model.train(
            epochs=epochs,
            lr=lr,
            weight_decay=weight_decay,
            batch_size=batch_size,
            optimizer=optimizer,
            save_fold=save_fold,
            checkpoint=checkpoint,
            device=device,
            precision=precision,
            image_size=image_size,
            random_seed=random_seed,
            validate=validate,
            balance="auto" if balance else None,
            early_stop=early_stop,
            max_keep_ckpts=max_keep_ckpts,
            resume=resume,
            distributed=distributed,
            devices=devices,
        )
    folder = Path(str(model.save_fold))
    if as_json:
        files = sorted(path.name for path in folder.iterdir() if path.is_file())
        print_json({"save_fold": str(folder), "files": files, "last": log[-1]})
    else:
        for picture in sorted((*folder.glob("*.png"), *folder.glob("*.csv"))):
            typer.echo(f"  {picture}")
