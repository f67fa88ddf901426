"""A model trained on real pictures, and its INT8 file: through the documented calls, in a child process."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

from bench._cases import Job


def measure(job: Job) -> dict[str, Any]:
    """Train (unless there is a checkpoint), quantise, and say what both models are worth.

    A refusal is a result, too: ``refused`` holds its words.
    """
    from BaseDT.errors import AccuracyLost
    from MMEdu.actions import origin
    from MMEdu.actions.quantize import int8_target, quantize_model
    from MMEdu.export.int8.options import QuantizeOptions

    with contextlib.redirect_stdout(io.StringIO()):
        checkpoint = Path(job.option("checkpoint") or _trained(job))
        target = int8_target(checkpoint, Path(job.work) / "model_int8")
        options = QuantizeOptions(max_drop=job.option("max_drop"), reduce_range=not job.option("full_range"))
        try:
            result = quantize_model(
                checkpoint,
                lambda: origin.load(checkpoint, None),
                target,
                origin.evaluation_set_for(checkpoint, Path(job.data)),
                options,
                lambda _: None,
            )
        except AccuracyLost as error:
            return {"checkpoint": str(checkpoint), "refused": str(error)}
    return {
        "checkpoint": str(checkpoint),
        "backbone": result.info.backbone,
        "side": result.info.preprocess.size[0] if result.info.preprocess else 0,
        "fp32": _figures(result.before),
        "int8": _figures(result.after),
        "method": result.scheme.method,
        "in_float": list(result.scheme.float_layers),
    }


# Mirrored digits are no digits, and a third of one is anything.
_DIGITS = """
backbone = "{backbone}"
[augment]
crop_scale = [0.7, 1.0]
flip = 0.0
"""


def _trained(job: Job) -> Path:
    from MMEdu import MMClassification

    backbone = job.backbone
    if job.option("digits"):
        backbone = str(Path(job.work) / "recipe.toml")
        Path(backbone).write_text(_DIGITS.format(backbone=job.backbone), encoding="utf-8")
    model = MMClassification(backbone)
    model.load_dataset(job.data, check=False)
    model.train(
        epochs=job.epochs,
        lr=job.option("lr"),
        image_size=job.option("image_size"),
        random_seed=job.seed,
        topk=(1,),
        save_fold=Path(job.work) / "run",
    )
    assert model.trained is not None
    return model.trained.best_file or model.trained.latest_file


def _figures(measured: Any) -> dict[str, Any]:
    return {
        "size": measured.size,
        **dict(measured.quality),
        "per_s": measured.speed,
        "pictures": measured.count,
    }
