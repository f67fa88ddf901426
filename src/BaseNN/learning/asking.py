"""The arguments of ``nn.train``, checked, become a ``TrainingRequest``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from BaseDT.arguments import check_integer, check_number, checked_flag, invalid
from BaseDT.errors import CheckpointInvalid, DatasetNotLoaded, ParameterInvalid
from BaseDT.language import say
from BaseNN.files.trained import TrainedNetwork
from BaseNN.learning.losses import loss_named
from BaseNN.learning.metrics import checked_metrics
from BaseNN.learning.request import TrainingRequest

_MOST_EPOCHS = 1_000_000


def checked(request: TrainingRequest, batch_size: object) -> TrainingRequest:
    """Return a request whose values can be worked with.

    Args:
        request: As the user gave it.
        batch_size: Of ``train``: what the data were loaded with counts; only checked.

    Raises:
        ParameterInvalid: One cannot be meant (-305).
    """
    check_integer("batch_size", batch_size)
    metrics = checked_metrics(request.metrics, request.task)
    return replace(
        request,
        lr=float(check_number("lr", request.lr, above=0)),
        epochs=check_integer("epochs", request.epochs, most=_MOST_EPOCHS),
        batch_num=check_integer("batch_num", request.batch_num),
        loss=loss_named(request.loss).name,
        metrics=metrics,
        filename=_checked_filename(request.filename),
        resume=checked_flag("resume", request.resume),
    )


def _checked_filename(value: object) -> str:
    name = str(value) if isinstance(value, (str, Path)) else ""
    if name.strip() and Path(name).name == name and Path(name).suffix.lower() in (".pth", ".pt", ".pkl"):
        return name
    raise invalid("filename", value, "a name that ends in .pth, without a folder", "以 .pth 结尾的文件名，不含文件夹")


def no_data() -> DatasetNotLoaded:
    """Make the error of a training without data (-603)."""
    return DatasetNotLoaded(
        say("There are no data to learn from.", "还没有载入数据。"),
        hint=say(
            "Load some first: load_tab_data, load_img_data, load_npz_data or load_dataset.",
            "请先载入数据：load_tab_data、load_img_data、load_npz_data 或 load_dataset。",
        ),
    )


def no_layers() -> ParameterInvalid:
    """Make the error of a network without layers (-305)."""
    return ParameterInvalid(
        say("The network has no layers.", "网络中还没有任何层。"),
        hint=say(
            "Add some first, e.g. add('linear', size=(4, 10), activation='relu').",
            "请先添加网络层，例如 add('linear', size=(4, 10), activation='relu')。",
        ),
    )


def check_callbacks(listener: Any, stop: Any) -> None:
    """Refuse what cannot be told or asked (-305)."""
    if listener is not None and not callable(listener):
        raise invalid("listener", listener, "a function of one event", "接收一个事件的函数")
    if stop is not None and not callable(getattr(stop, "is_set", None)):
        raise invalid(
            "stop", stop, "an object with is_set(), e.g. a threading.Event", "带 is_set() 的对象，例如 threading.Event"
        )


def start_from(model: nn.Module, network: TrainedNetwork) -> str:
    """Put the weights of another training into a network, as far as they fit; return a line for the user.

    Raises:
        CheckpointInvalid: Not one fits (-202).
    """
    own, given = model.state_dict(), network.model.state_dict()
    fitting = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    if not fitting:
        raise CheckpointInvalid(
            say("Not one weight of this file fits the network.", "该文件的权重与网络各层都不匹配。"),
            hint=say("Add the layers that it was trained with.", "请按训练时的结构添加网络层。"),
        )
    model.load_state_dict({**own, **fitting})
    return say(
        f"{len(fitting)} of {len(own)} weights are those of the file.",
        f"网络的 {len(own)} 组权重中，{len(fitting)} 组来自该文件。",
    )
