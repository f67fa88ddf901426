"""The program that tells how good a model is on labelled pictures. An exported model needs no torch.

Settings: ``model`` (a ``.pth`` or an exported file), ``dataset`` or ``project`` (as in ``train``), ``thr`` (a number,
``"auto"``, none).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from BaseDT.arguments import check_number
from BaseDT.language import say
from MMEdu.studio.programs import models, places
from MMEdu.studio.programs.kind import Kind, Place, Result, Settings
from MMEdu.studio.programs.text import call, program

REPORT = "report"


def checked(settings: Settings, place: Place) -> dict[str, Any]:
    """Check what is asked.

    Raises:
        XEduError: A value cannot be used; the message names the field.
    """
    models.only(settings, "model", "dataset", "project", "thr")
    thr = settings.get("thr")
    if thr is not None and thr != "auto":
        thr = check_number("thr", thr, least=0, most=1)
    dataset, project = places.data_set(settings, place)
    file = places.model_file("model", settings.get("model"), place)
    chosen = {} if thr is None else {"thr": thr}
    return {
        "model": settings["model"],
        "dataset": dataset,
        **project,
        **chosen,
        "models": models.of_files([file], place),
    }


def label(settings: Settings) -> str:
    """Return the job's name."""
    return str(settings["models"][0]["backbone"])


def write(settings: Settings, run: str, resume: bool) -> str:
    """Write the program."""
    del resume
    model = settings["models"][0]
    values = {"path": settings["dataset"], **({"thr": settings["thr"]} if "thr" in settings else {})}
    if models.is_exported(model["file"]):
        imports = "from XEdu.hub import Workflow as wf"
        opened = call("model = wf", {"task": "mmedu", "checkpoint": model["file"]})
    else:
        imports, opened = models.imports([model]), models.opened(model)
        values["checkpoint"] = model["file"]
    title = say("Tell how good a model is. Run this file from the work folder.",
                "评估模型。请在工作文件夹中运行本文件。")  # fmt: skip
    return program(
        [
            (title, imports),
            (say("The model.", "打开模型。"), opened),
            (say("It is asked about pictures whose content is known.", "用已标注的图片评估。"),
             call("model.evaluate", {**values, "save_fold": f"{run}/{REPORT}"})),
        ]
    )  # fmt: skip


def results(folder: Path, settings: Settings) -> list[Result]:
    """List the report."""
    del settings
    return models.files_below(folder / REPORT, {".html": "report", ".json": "report", ".csv": "report"})


KIND = Kind("evaluate", checked, label, write, results)
