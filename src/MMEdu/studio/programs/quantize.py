"""The program that makes an INT8 model, measured before and after.

Settings: ``model`` (a ``.pth``, or an ``.onnx`` that was converted), ``dataset`` or ``project`` (as in ``train``),
``max_drop`` (points that it may cost), ``images`` (how many pictures find the ranges), ``calibration``, ``standalone``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from BaseDT.arguments import check_integer, check_number
from BaseDT.language import say
from MMEdu.studio.programs import models, places
from MMEdu.studio.programs.kind import Kind, Place, Result, Settings
from MMEdu.studio.programs.text import call, program

MODEL = "model"
_CALIBRATIONS = ("auto", "minmax", "average", "percentile")
_DEFAULTS = {"max_drop": 1.0, "images": 100, "calibration": "auto", "standalone": False}


def checked(settings: Settings, place: Place) -> dict[str, Any]:
    """Check what is asked.

    Raises:
        XEduError: A value cannot be used; the message names the field.
    """
    models.only(settings, "model", "dataset", "project", *_DEFAULTS)
    given = {
        "max_drop": check_number("max_drop", settings.get("max_drop", 1.0), least=0, most=100),
        "images": check_integer("images", settings.get("images", 100)),
        "calibration": models.choice(settings, "calibration", _CALIBRATIONS),
        "standalone": models.flag(settings, "standalone"),
    }
    dataset, project = places.data_set(settings, place)
    file = places.model_file("model", settings.get("model"), place)
    different = {name: value for name, value in given.items() if value != _DEFAULTS[name]}
    return {
        "model": settings["model"],
        "dataset": dataset,
        **project,
        **different,
        "models": models.of_files([file], place),
    }


def label(settings: Settings) -> str:
    """Return the job's name."""
    return f"{settings['models'][0]['backbone']} INT8"


def write(settings: Settings, run: str, resume: bool) -> str:
    """Write the program."""
    del resume
    model = settings["models"][0]
    values = {
        "checkpoint": model["file"],
        "out_file": f"{run}/{MODEL}/{Path(model['file']).stem}_int8.onnx",
        "dataset_path": settings["dataset"],
        **{name: settings[name] for name in _DEFAULTS if name in settings},
    }
    title = say("Make a model of a quarter of the size (INT8). Run this file from the work folder.",
                "量化模型（INT8），大小约为原来的四分之一。请在工作文件夹中运行本文件。")  # fmt: skip
    return program(
        [
            (title, models.imports([model])),
            (say("The network of the model.", "模型所属的网络。"), models.opened(model)),
            (say("It is measured before and after; where it would lose too much, nothing is written.",
                 "量化前后都会评测；如果损失过大，则不写入文件。"), call("model.quantize", values)),
        ]
    )  # fmt: skip


def results(folder: Path, settings: Settings) -> list[Result]:
    """List the files that were written."""
    del settings
    return models.files_below(folder / MODEL, {".onnx": "model"})


KIND = Kind("quantize", checked, label, write, results)
