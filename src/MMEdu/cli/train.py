"""``mmedu train``: the five lines as one, and where the results lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from BaseDT.language import say
from MMEdu.cli.output import AsJson, lines_on_stderr, meaning, print_json, shown

if TYPE_CHECKING:
    from MMEdu.actions.train import TrainingResult


def train(
    data: Annotated[Path, typer.Argument(help="The dataset's folder.")],
    backbone: Annotated[str, typer.Option(help="A model's name or a recipe file.")] = "LeNet",
    epochs: Annotated[int, typer.Option(help="How many, in total when a run is resumed.")] = 100,
    lr: Annotated[float | None, typer.Option(help="Base learning rate; 0.01, and 0.001 of a detector.")] = None,
    weight_decay: Annotated[float, typer.Option(help="L2 penalty.")] = 0.001,
    batch_size: Annotated[int | None, typer.Option(help="Pictures per step; the recipe's by default.")] = None,
    optimizer: Annotated[str, typer.Option(help="SGD, Adam, Adagrad or AdamW.")] = "SGD",
    save_fold: Annotated[
        Path | None, typer.Option(help="Where everything is written; ./checkpoints/cls_model or det_model.")
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="A .pth to start from.")] = None,
    pretrained: Annotated[
        bool, typer.Option("--pretrained", help="Start from weights for ImageNet, downloaded once.")
    ] = False,
    tag: Annotated[str | None, typer.Option(help="Which of them (mmedu weights list), with --pretrained.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:N, mps or auto.")] = "cpu",
    precision: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    image_size: Annotated[int | None, typer.Option(help="Side of the square input.")] = None,
    random_seed: Annotated[int, typer.Option(help="0 draws one.")] = 0,
    validate: Annotated[bool, typer.Option(help="Validate after every epoch.")] = True,
    check: Annotated[bool, typer.Option(help="Decode every picture first.")] = True,
    skip_damaged: Annotated[bool, typer.Option("--skip-damaged", help="Leave damaged pictures out.")] = False,
    balance: Annotated[bool, typer.Option("--balance", help="Weigh rare classes up (classifiers).")] = False,
    frozen_stages: Annotated[
        int | None, typer.Option(help="Stages of the backbone that stay as loaded (detectors, with a start).")
    ] = None,
    freeze: Annotated[
        str | None, typer.Option(help="'backbone', or stages that stay as loaded (classifiers, with a start).")
    ] = None,
    views: Annotated[
        int | None, typer.Option(help="Views of each picture that the last layer learns from, with --freeze backbone.")
    ] = None,
    backbone_lr: Annotated[
        float | None, typer.Option(help="The backbone's rate as a share of --lr (classifiers).")
    ] = None,
    early_stop: Annotated[int | None, typer.Option(help="Stop after so many epochs without a better result.")] = None,
    max_keep_ckpts: Annotated[int | None, typer.Option(help="Keep so many epoch_N.pth.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run in --save-fold.")] = False,
    distributed: Annotated[bool, typer.Option("--distributed", help="Train in several processes.")] = False,
    devices: Annotated[int | None, typer.Option(help="How many, with --distributed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train an image classifier, or a detector (训练图像分类或目标检测模型)."""
    from MMEdu import MMClassification, MMDetection
    from MMEdu.models import registry

    if skip_damaged and not check:
        raise typer.BadParameter("--skip-damaged finds the damaged ones by checking: leave --no-check out.")
    if devices is not None and not distributed:
        raise typer.BadParameter("--devices counts the processes of --distributed: add it.")

    if tag is not None and not pretrained:
        raise typer.BadParameter("--tag chooses among the weights of --pretrained: add it.")

    with lines_on_stderr(as_json):
        detects = backbone.lower() in {name.lower() for name in registry.all_names("detection")}
        model = MMDetection(backbone) if detects else MMClassification(backbone)
        model.load_dataset(data, check="skip" if skip_damaged else check)
        own: dict[str, Any] = {
            "lr": lr,
            "balance": "auto" if balance else None,
            "Frozen_stages": frozen_stages,
            "freeze": int(freeze) if freeze is not None and freeze.isdecimal() else freeze,
            "views": views,
            "backbone_lr": backbone_lr,
        }
        model.train(
            **{name: value for name, value in own.items() if value is not None},
            epochs=epochs,
            weight_decay=weight_decay,
            batch_size=batch_size,
            optimizer=optimizer,
            save_fold=save_fold,
            checkpoint=checkpoint,
            pretrained=(True if tag is None else tag) if pretrained else None,
            device=device,
            precision=precision,
            image_size=image_size,
            random_seed=random_seed,
            validate=validate,
            early_stop=early_stop,
            max_keep_ckpts=max_keep_ckpts,
            resume=resume,
            distributed=distributed,
            devices=devices,
        )
    if os.environ.get("RANK", "0") != "0":  # under torchrun the leading process alone tells
        return
    run = model.trained
    if run is None:
        return
    if as_json:
        print_json(_content(run))
    else:
        _tell(run, model.TASK)


def _content(run: TrainingResult) -> dict[str, object]:
    """What a program wants to know of a finished training."""
    from MMEdu.info import read_meta

    last, best = (read_meta(file) if file is not None else {} for file in (run.latest_file, run.best_file))
    return {
        "save_fold": str(run.latest_file.parent),
        "best_checkpoint": str(run.best_file) if run.best_file is not None else None,
        "latest_checkpoint": str(run.latest_file),
        "log": str(run.log_file),
        "report": [str(path) for path in run.report],
        "backbone": last.get("backbone"),
        "classes": last.get("CLASSES"),
        "random_seed": last.get("random_seed"),
        "epochs": last.get("epoch"),
        "best_epoch": best.get("epoch"),
        "metrics": best.get("metrics"),
    }


def _tell(run: TrainingResult, task: str) -> None:
    if run.best_file is not None:
        typer.echo(say(f"  best checkpoint: {shown(run.best_file)}", f"  最佳模型：{shown(run.best_file)}"))
    for path in run.report:
        typer.echo(f"  {meaning(path.name, task)}: {shown(path)}")
