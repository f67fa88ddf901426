"""What the command line asks of own networks: lay layers over data and train, answer, convert, tell of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.tabular.known_rows import KnownRows
from MMEdu.actions import network_cards, network_data, table_rows
from MMEdu.actions.written_values import layer_of
from MMEdu.requirements import require_for_checkpoint, require_train

if TYPE_CHECKING:
    from BaseNN import nn
    from MMEdu.actions.network_data import NetworkData

TASKS = ("cls", "reg")
_SAMPLES = ".npz"
_MEASURED: Mapping[str, Mapping[str, Any]] = {
    "cls": {"metrics": ["acc"]},
    "reg": {"loss": "MSELoss", "metrics": ["mae"]},
}


@dataclass(frozen=True)
class NetworkRequest:
    """A network that is to be laid and trained.

    Attributes:
        data: A table, a folder of class folders, or ``.npz``.
        layers: As ``written_values.layer_of`` reads them; empty: such as suit the data.
        task: ``cls`` or ``reg``; empty: as the last column of the table has it.
        color: Of pictures; empty: as the first one has it.
        size: Of pictures, the side in pixels; 0: as it suits the first one.
        load: ``batch_size``, ``train_val_ratio``: what reading takes.
        train: ``lr``, ``epochs``, ``loss``, ``metrics``, ``checkpoint``, ``resume``: what is given of them.
        optimizer: Its name.
        seed: None draws one.
        save_fold: Where everything is written.
        device: ``auto``, ``cpu``, ``cuda``, …
    """

    data: Path
    layers: Sequence[str] = ()
    task: str = ""
    color: str = ""
    size: int = 0
    load: Mapping[str, Any] = field(default_factory=dict)
    train: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = "Adam"
    seed: int | None = None
    save_fold: Path = Path("checkpoints")
    device: str = "auto"


def train(asked: NetworkRequest) -> dict[str, Any]:
    """Lay a network over data and train it.

    Returns:
        ``task``, ``layers`` (as they were laid), ``classes``, ``model``, and what the last epoch measured.

    Raises:
        XEduError: The data, a layer or a value cannot be used; its code says which.
    """
    require_train()
    table_rows.check_is_there(asked.data)
    from BaseNN import nn

    found = (
        None
        if asked.data.suffix.lower() == _SAMPLES
        else network_data.data(asked.data, asked.task, asked.color, asked.size)
    )
    task = asked.task or ("cls" if found is None else found.task)
    model = nn(task, save_fold=str(asked.save_fold))
    model.device = asked.device
    if asked.seed is not None:
        model.set_seed(asked.seed)
    _load(model, asked, found)
    layers = _layers(asked, found, task)
    for layer in layers:
        model.add(layer["layer"], activation=layer["activation"] or None, **layer["arguments"])
    model.add(optimizer=asked.optimizer)
    model.print_model()
    log = model.train(**{**_MEASURED[task], **asked.train})
    return {
        "task": task,
        "layers": layers,
        "classes": list(model.img_classes or (() if found is None else found.classes)),
        "model": str(asked.save_fold / "basenn.pth"),
        **_last(log),
    }


def _load(model: nn, asked: NetworkRequest, found: NetworkData | None) -> None:
    if found is None:
        model.load_npz_data(asked.data, **asked.load)
    elif found.kind == "img":
        resize = {"Resize": (found.size, found.size)}
        model.load_img_data(found.path, color=found.color, transform=resize, **asked.load)
    else:
        model.load_tab_data(found.path, y_type="float" if found.task == "reg" else "long", **asked.load)


def _layers(asked: NetworkRequest, found: NetworkData | None, task: str) -> list[dict[str, Any]]:
    if asked.layers:
        return [layer_of(text) for text in asked.layers]
    if found is not None:
        return network_cards.suggestion(found.around, task, even=found.even)
    raise ParameterInvalid(
        say("Samples of a .npz file need layers of your own.", ".npz 数据需要自己指定各层。"),
        hint=say("Add them: --layer 'linear size=10 relu' …", "请添加：--layer 'linear size=10 relu' …"),
    )


def _last(log: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the means of the last epoch."""
    if not log:
        return {"epochs": 0}
    last = [line for line in log if line["epoch"] == log[-1]["epoch"]]
    means = {name: float(np.mean([line[name] for line in last if name in line])) for name in log[-1] if name != "epoch"}
    return {"epochs": int(log[-1]["epoch"]) + 1, **means}


def answers(file: Path, data: Any, device: str = "auto") -> list[dict[str, Any]]:
    """Return what a network says of each sample; plain data.

    Args:
        file: ``.pth``, ``.pkl``, or the ``.onnx`` that was made of it, which needs no torch.
        data: Rows of numbers, a table's file, or pictures.
        device: For a checkpoint.

    Returns:
        Of each ``prediction``, a class' name where there is one, or a number; and ``score``, None of numbers.
    """
    if file.suffix.lower() == ".onnx":
        from XEdu.hub import Workflow

        workflow = Workflow(task="basenn", checkpoint=file)
        workflow.inference(data=_samples(data, table_rows.known_to_exported(file)))
        said: Any = workflow.format_output(isprint=False)
        return [_plain(each) for each in said.values()]
    require_for_checkpoint()
    from BaseNN import nn
    from BaseNN.files import opening
    from BaseNN.prediction import printed

    network = opening.read(file, {})
    model = nn(network.task)
    model.device = device
    result = model.inference(checkpoint=file, data=_samples(data, KnownRows(_width(network.stack.surroundings.inputs))))
    names = printed.Names.of(network.classes, network.word2idx)
    scores = printed.scores_of(network.stack, network.meta.get("loss"))
    return [_plain(each) for each in printed.said(result, network.task, names, scores).values()]


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a sample, in the documented keys of both packages, as programs read it."""
    return {
        "prediction": said.get("预测结果", said["预测值"]),
        "score": said.get("置信度", said.get("分数")),
    }


def _width(inputs: Sequence[int | None] | None) -> int:
    """Return how many columns a row has; 0 where it is no row."""
    return int(inputs[0] or 0) if inputs is not None and len(inputs) == 1 else 0


def _samples(data: Any, known: KnownRows) -> Any:
    """Return rows as numbers; of a table the columns before the label; pictures stay what they are."""
    if isinstance(data, Path) and data.suffix.lower() in table_rows.TABLES:
        return table_rows.rows(data, known).astype(np.float32)
    if isinstance(data, Path):
        return str(data)
    return np.asarray(data, dtype=np.float32)


def convert(file: Path, out_file: Path, opset_version: int, ir_version: int) -> Path:
    """Write a network as ONNX, with the sample program beside it.

    Raises:
        XEduError: The file cannot be read, or the network cannot be written so (-102, -202, -806).
    """
    require_for_checkpoint()
    from BaseNN import nn

    return nn().convert(checkpoint=file, out_file=out_file, opset_version=opset_version, ir_version=ir_version)


def info(file: Path) -> dict[str, Any]:
    """Print what a network's file says, and return it."""
    require_for_checkpoint()
    from BaseNN import pth_info

    return dict(pth_info(file))
