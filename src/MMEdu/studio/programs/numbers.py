"""The program that learns from a table with a classic algorithm.

Settings: ``dataset`` (a table, relative to the work folder), ``family`` (``classification``, ``regression``,
``cluster``, ``reduction``), ``algorithm``, ``arguments`` (of the documented class), ``given`` (numbers of columns),
``told`` (the number of one; left out where nothing is told), ``scale`` (whether columns are brought to one size),
``onnx`` (whether a file for a board is written, too).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from BaseDT.language import say
from MMEdu.actions import classic_forms, learning_tables
from MMEdu.studio.programs import models, places
from MMEdu.studio.programs.kind import Kind, Place, Result, Settings
from MMEdu.studio.programs.text import call, program

MODEL = "model"
_PICTURES = {"plot": "plot.png", "metricplot": "metric.png"}
_METRICS = {"classification": "acc", "regression": "r2"}
_OWN = ("dataset", "family", "algorithm", "arguments", "given", "told", "scale", "onnx")
_SAID = ("draws", "judged", "exports", "names", "example", "ranges")
"""What ``checked`` adds, and may be given again."""


def checked(settings: Settings, place: Place) -> dict[str, Any]:
    """Check what is asked of a table.

    Raises:
        DependencyMissing: Classic machine learning is not installed (-502).
        XEduError: A value cannot be used; the message names it.
    """
    models.only(settings, *_OWN, *_SAID)
    classic_forms.require_ml()
    dataset, _ = places.learned_from({"dataset": settings.get("dataset")}, place)
    asked = classic_forms.checked(
        place.work / dataset,
        settings.get("family"),
        settings.get("algorithm"),
        settings.get("arguments") or {},
        settings.get("given"),
        settings.get("told"),
    )
    return {
        "dataset": dataset,
        "family": asked.kind.family,
        "algorithm": asked.kind.name,
        "arguments": asked.arguments,
        "given": asked.given,
        "told": asked.told,
        "scale": models.flag(settings, "scale"),
        "onnx": models.flag(settings, "onnx", default=True),
        "draws": asked.draws,
        "judged": asked.judged,
        "exports": asked.exports,
        "names": asked.names,
        "example": learning_tables.first_row(place.work / dataset, asked.given),
        "ranges": learning_tables.ranges(place.work / dataset, asked.given),
    }


def label(settings: Settings) -> str:
    """Return the job's name."""
    return f"{settings['algorithm']} {Path(settings['dataset']).stem}"


def write(settings: Settings, run: str, resume: bool) -> str:
    """Write the program."""
    del resume
    name, alias = classic_forms.FAMILIES[settings["family"]].documented
    title = say("Learn from a table. Run this file from the work folder.", "从表格中学习。请在工作文件夹中运行本文件。")
    load = say(
        "The table: which columns are given, and which is to be told.", "加载表格：哪些列是已知的，哪一列是要预测的。"
    )
    if settings["told"] is None:
        load = say("The table, and which of its columns are used.", "加载表格，并选择使用哪些列。")
    return program(
        [
            (title, f"from BaseML import {name} as {alias}"),
            (say("The algorithm.", "选择算法。"),
             call(f"model = {alias}", {"algorithm": settings["algorithm"], **_arguments(settings)})),
            (load, _loads(settings)),
            (say("The training.", "训练。"), "model.train()"),
            *_judged(settings),
            *_kept(settings, f"{run}/{MODEL}"),
            *_drawn(settings, f"{run}/{MODEL}"),
        ]
    )  # fmt: skip


def _arguments(settings: Settings) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings["arguments"].items()}


def _loads(settings: Settings) -> str:
    told = {} if settings["told"] is None else {"y_column": [settings["told"]]}
    whole = {} if settings["family"] in _METRICS else {"split": False}
    scale = {"scale": True} if settings["scale"] else {}
    values = {"X": settings["dataset"], "type": "csv", "x_column": settings["given"], **told, **whole, **scale}
    return call("model.load_dataset", values)


def _judged(settings: Settings) -> list[tuple[str, str]]:
    if (metric := _METRICS.get(settings["family"])) is None:
        return []
    comment = say("How good it is on rows that it did not learn from.", "用没有学过的数据检验效果。")
    return [(comment, call("model.valid", {"metrics": metric}))]


def _drawn(settings: Settings, folder: str) -> list[tuple[str, str]]:
    """Return the pictures; they come last, so that a model that cannot be drawn is kept all the same."""
    names = [*(["plot"] if settings["draws"] else []), *(["metricplot"] if settings["judged"] else [])]
    lines = [call(f"model.{name}", {"save": f"{folder}/{_PICTURES[name]}", "show": False}) for name in names]
    comment = say("Pictures of what it learned, and of how good it is.", "画出学到了什么，以及效果如何。")
    return [(comment, "\n".join(lines))] if lines else []


def _kept(settings: Settings, folder: str) -> list[tuple[str, str]]:
    name = settings["algorithm"].replace(" ", "_")
    parts = [(say("The model is kept.", "保存模型。"), call("model.save", {"path": f"{folder}/{name}.pkl"}))]
    if settings["onnx"] and settings["exports"]:
        comment = say("The same model as a file that runs without scikit-learn.",
                      "把模型转换成不需要 scikit-learn 就能运行的文件。")  # fmt: skip
        parts.append((comment, call("model.convert", {"out_file": f"{folder}/{name}.onnx"})))
    return parts


def results(folder: Path, settings: Settings) -> list[Result]:
    """List what it left: the file for a board, the model, pictures."""
    del settings
    shows = {
        "metric.png": say("How good it is", "效果如何"),
        "plot.png": say("What it learned", "学到了什么"),
    }
    kinds = {
        "model": say("the model, for boards", "可用于开发板的模型"),
        "finished": say("the model, to go on with in Python", "可在 Python 中继续使用的模型"),
        "report": say("a program that asks the ONNX file", "使用 ONNX 文件的示例程序"),
    }
    found = models.files_below(folder / MODEL, {".onnx": "model", ".pkl": "finished", ".py": "report"})
    return [Result(one.path, one.kind, shows.get(one.path.name, kinds.get(one.kind, ""))) for one in found]


KIND = Kind("numbers", checked, label, write, results)
