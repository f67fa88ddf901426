"""The program that lays a network layer by layer and trains it.

Settings: ``dataset`` (a table or a folder of pictures, relative to the work folder) or ``project``; ``task`` (``cls``,
``reg``; left out: as the table has it), ``color``, ``size`` (of pictures), ``layers`` ([{layer, activation,
arguments}]), ``arguments`` (of ``NetworkTraining``), ``onnx`` (whether a file for a board is written, too).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from BaseDT.arguments import invalid
from BaseDT.language import say
from MMEdu.actions import learning_tables, network_cards, network_data
from MMEdu.requirements import require_train
from MMEdu.studio.programs import models, places
from MMEdu.studio.programs.kind import Kind, Place, Result, Settings
from MMEdu.studio.programs.text import call, program

MODEL = "model"
_OWN = ("dataset", "project", "task", "color", "size", "layers", "arguments", "onnx")
_SAID = ("laid", "folder", "names", "example", "ranges", "classes")
"""What ``checked`` adds, and may be given again."""
_MOST_LETTERS = 40
_LATEST = "latest.pth"
_ORDER = ("model", "finished", "best", "latest", "picture", "report", "log")


def checked(settings: Settings, place: Place) -> dict[str, Any]:
    """Check what is asked of a network.

    Raises:
        DependencyMissing: Training is not installed (-502).
        XEduError: A value cannot be used, a layer does not fit; the message names it.
    """
    models.only(settings, *_OWN, *_SAID)
    require_train()
    dataset, project = places.learned_from(settings, place)
    found = network_data.data(
        place.work / dataset, settings.get("task", ""), settings.get("color", ""), settings.get("size", 0)
    )
    given = settings.get("arguments") or {}
    if not isinstance(given, dict):
        raise invalid("arguments", given, "an object", "对象")
    layers, laid = network_cards.checked_layers(found.around, found.task, settings.get("layers"))
    pictures = {"color": found.color, "size": found.size} if found.kind == "img" else {}
    return {
        "dataset": dataset,
        **project,
        "task": found.task,
        **pictures,
        "layers": layers,
        "laid": laid,
        "arguments": network_data.checked_training(given),
        "onnx": models.flag(settings, "onnx", default=True),
        "folder": places.called(found.path, place),
        "names": _names(found),
        "example": [] if found.kind == "img" else learning_tables.first_row(found.path, range(found.inputs[0])),
        "ranges": [] if found.kind == "img" else learning_tables.ranges(found.path, range(found.inputs[0])),
        "classes": list(found.classes),
    }


def _names(found: network_data.NetworkData) -> list[str]:
    """Return what the numbers are called that a network over rows is asked with."""
    if found.kind == "img":
        return []
    return list(found.names) or [str(number + 1) for number in range(found.inputs[0])]


def label(settings: Settings) -> str:
    """Return the job's name."""
    return Path(settings["dataset"]).stem


def write(settings: Settings, run: str, resume: bool) -> str:
    """Write the program."""
    folder = f"{run}/{MODEL}"
    title = say("Lay a network and train it. Run this file from the work folder.",
                "搭建并训练神经网络。请在工作文件夹中运行本文件。")  # fmt: skip
    parts = [
        (title, "from BaseNN import nn"),
        _begins(settings),
        (say("The data: a part is kept back to judge by.", "加载数据，留出一部分用于验证。"), _loads(settings)),
        (say("The layers, in the order in which the data go through them.", "按数据经过的顺序添加各层。"),
         "\n".join(_add(layer) for layer in settings["laid"])),
        (say("How it makes its steps.", "选择优化器。"),
         call("model.add", {"optimizer": settings["arguments"]["optimizer"]})),
        (say("Weights, log and curves are written here.", "权重、日志和曲线保存在这里。"),
         f"model.save_fold = {folder!r}"),
        (say("The run that was interrupted goes on.", "从中断的地方继续训练。") if resume
         else say("The training.", "开始训练。"), _train(settings, resume)),
    ]  # fmt: skip
    if settings["onnx"]:
        comment = say("The network at its best as a file that runs without torch.",
                      "把效果最好时的网络转换成不需要 torch 就能运行的文件。")  # fmt: skip
        out_file = f"{folder}/{_file_name(settings)}.onnx"
        parts.append((comment, f"model.convert(checkpoint=model.best_file, out_file={out_file!r})"))
    return program(parts)


def _file_name(settings: Settings) -> str:
    """Return what the exported file is called: its data, without what some disk or script takes for something else."""
    return re.sub(r"[^\w-]+", "_", label(settings))[:_MOST_LETTERS].strip("_") or "network"


def _begins(settings: Settings) -> tuple[str, str]:
    lines = [call("model = nn", {"task": settings["task"]})]
    if (seed := settings["arguments"]["seed"]) is not None:
        lines.append(call("model.set_seed", {"seed": seed}))
    if settings["task"] == "cls":
        return say("A network that tells classes apart.", "一个用于分类的网络。"), "\n".join(lines)
    return say("A network that tells a number.", "一个用于预测数值的网络。"), "\n".join(lines)


def _loads(settings: Settings) -> str:
    training = settings["arguments"]
    values = {
        "data_path": settings["folder"],
        "batch_size": training["batch_size"],
        "train_val_ratio": training["train_val_ratio"],
    }
    if "size" in settings:
        side = settings["size"]
        values |= {"color": settings["color"], "transform": {"Resize": [side, side]}}
        return call("model.load_img_data", values)
    numbers = {"y_type": "float"} if settings["task"] == "reg" else {}
    return call("model.load_tab_data", {**values, **numbers})


def _add(layer: dict[str, Any]) -> str:
    arguments = {name: _written(value) for name, value in layer["arguments"].items()}
    active = {"activation": layer["activation"]} if layer["activation"] else {}
    return call("model.add", {"layer": layer["layer"], **arguments, **active})


def _written(value: Any) -> Any:
    """Return a value as the documents write it: 3 for a list of one, (1, 8) for one of two."""
    if not isinstance(value, list):
        return value
    return value[0] if len(value) == 1 else tuple(value)


def _train(settings: Settings, resume: bool) -> str:
    training = settings["arguments"]
    measured = {"metrics": ["acc"]} if settings["task"] == "cls" else {"loss": "MSELoss", "metrics": ["mae"]}
    goes_on = {"resume": True} if resume else {}
    return call("model.train", {"lr": training["lr"], "epochs": training["epochs"], **measured, **goes_on})


def results(folder: Path, settings: Settings) -> list[Result]:
    """List what a training left: weights, the best first, the file for a board, pictures, the log."""
    del settings
    try:
        files = sorted(path for path in (folder / MODEL).iterdir() if path.is_file())
    except OSError:
        return []
    found = [_result(path) for path in files]
    return sorted((one for one in found if one.kind), key=lambda result: _ORDER.index(result.kind))


def _result(path: Path) -> Result:
    name = path.name
    if name == _LATEST:
        return Result(path, "latest", say("to go on from", "用于继续训练"))
    if name == "basenn.pth":
        return Result(path, "finished", say("the network as it was at the end", "训练结束时的网络"))
    if name.startswith("best_") and path.suffix == ".pth":
        return Result(path, "best", say("the network as it was at its best", "效果最好时的网络"))
    if path.suffix == ".onnx":
        return Result(path, "model", say("the network at its best, for boards", "效果最好时的网络，可用于开发板"))
    if path.suffix == ".py":
        return Result(path, "report", say("a program that asks the ONNX file", "使用 ONNX 文件的示例程序"))
    kind = "log" if name.endswith(".log.json") else "picture" if path.suffix.lower() in models.PICTURES else ""
    return Result(path, kind)


def can_go_on(folder: Path) -> bool:
    """Whether there is a file to go on from."""
    return (folder / MODEL / _LATEST).is_file()


KIND = Kind("network", checked, label, write, results, can_go_on)
