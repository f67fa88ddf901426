"""The program that turns checkpoints into files that run without torch.

Settings: ``model`` (a ``.pth``, or a folder of them, relative to the work folder), ``backend`` (``ONNX``, ``NCNN``,
``OpenVINO``), ``dynamic``, ``standalone``, ``features`` (flags, as in ``convert`` of the documented classes).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from BaseDT.language import say
from MMEdu.requirements import require_for_checkpoint
from MMEdu.studio.programs import models, places
from MMEdu.studio.programs.kind import Kind, Place, Result, Settings
from MMEdu.studio.programs.text import call, program

BACKENDS = ("ONNX", "NCNN", "OpenVINO")
MODEL = "model"
_FLAGS = ("dynamic", "standalone", "features")
_SUFFIXES = {"ONNX": ".onnx", "NCNN": ".ncnn.param", "OpenVINO": ".xml"}
_KINDS = {".onnx": "model", ".ncnn.param": "model", ".xml": "model"}


def checked(settings: Settings, place: Place) -> dict[str, Any]:
    """Check what is asked of a conversion.

    Raises:
        DependencyMissing: Torch is not installed (-502).
        XEduError: A value cannot be used; the message names the field.
    """
    models.only(settings, "model", "backend", *_FLAGS)
    require_for_checkpoint()
    backend = models.choice(settings, "backend", BACKENDS)
    flags = {name: True for name in _FLAGS if models.flag(settings, name)}
    files = places.model_files("model", settings.get("model"), place, (".pth",))
    return {"model": settings["model"], "backend": backend, **flags, "models": models.of_files(files, place)}


def label(settings: Settings) -> str:
    """Return the job's name."""
    backbones = dict.fromkeys(model["backbone"] for model in settings["models"])
    return f"{' '.join(backbones)} {settings['backend']}"


def write(settings: Settings, run: str, resume: bool) -> str:
    """Write the program."""
    del resume
    listed = settings["models"]
    title = say("Convert a model, so that it runs without torch. Run this file from the work folder.",
                "转换模型，使其不需要 torch 即可运行。请在工作文件夹中运行本文件。")  # fmt: skip
    parts = [(title, models.imports(listed))]
    compared = say("Each file is written, and compared with its checkpoint.", "写入文件，并与原模型的输出比较。")
    last, comment = None, ""
    for model, out_file in zip(listed, _out_files(listed, run, settings["backend"]), strict=True):
        if (model["task"], model["backbone"]) != last:
            last, comment = (model["task"], model["backbone"]), compared
            parts.append((say("The network of the checkpoint.", "权重所属的网络。"), models.opened(model)))
        flags = {name: True for name in _FLAGS if settings.get(name)}
        values = {"checkpoint": model["file"], "backend": settings["backend"], "out_file": out_file, **flags}
        parts.append((comment, call("model.convert", values)))
        comment = ""
    return program(parts)


def _out_files(listed: list[Mapping[str, str]], run: str, backend: str) -> list[str]:
    """Name a file after each checkpoint; names that differ in letter case only get numbers."""
    names: list[str] = []
    for model in listed:
        stem = name = Path(model["file"]).stem
        number = 2
        while name.lower() in map(str.lower, names):
            name, number = f"{stem}_{number}", number + 1
        names.append(name)
    return [f"{run}/{MODEL}/{name}{_SUFFIXES[backend]}" for name in names]


def results(folder: Path, settings: Settings) -> list[Result]:
    """List the files that were written."""
    del settings
    return models.files_below(folder / MODEL, _KINDS)


KIND = Kind("convert", checked, label, write, results)
