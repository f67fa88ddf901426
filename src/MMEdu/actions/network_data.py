"""What a network of one's own learns from: a table or pictures, and what of it is to be told. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from BaseDT.argument_schema import argument, arguments_of, check, json_schema
from BaseDT.arguments import check_choice, invalid, unknown_parameter
from BaseDT.files import what_is_at
from BaseNN.layers.kind import Surroundings
from MMEdu.actions import learning_pictures, learning_tables, network_cards

_EVEN = 20.0
"""How many times larger one column may be than another, until they are brought to one size first."""
_EPOCHS_OF_PICTURES = 10


@dataclass(frozen=True)
class NetworkTraining:
    """How a network learns."""

    epochs: int = argument(
        100,
        "How often it sees all of the data.",
        "所有数据学习多少轮。",
        most=1_000_000,
        label=("rounds", "轮数"),
        first=True,
    )
    lr: float = argument(
        0.01,
        "How large its steps are.",
        "每一步调整的幅度。",
        above=0,
        most=100,
        label=("learning rate", "学习率"),
        first=True,
    )
    batch_size: int = argument(
        32,
        "How many samples it sees before each step.",
        "每一步看多少个样本。",
        most=1_000_000,
        label=("batch", "批大小"),
    )
    optimizer: str = argument(
        "Adam",
        "How it makes its steps.",
        "用什么方法调整。",
        choices=("Adam", "SGD", "Adagrad", "ASGD"),
        label=("optimizer", "优化器"),
    )
    train_val_ratio: float = argument(
        0.8,
        "The share that it learns from; by the rest it is judged.",
        "用于学习的比例，其余用于验证。",
        above=0,
        most=1,
        label=("share to learn from", "训练比例"),
    )
    seed: int | None = argument(
        1,
        "The same number gives the same chance; empty: another each time.",
        "相同的种子得到相同的结果；留空则每次不同。",
        least=0,
        most=2**31,
        label=("seed", "随机种子"),
    )


@dataclass(frozen=True)
class NetworkData:
    """Data that a network is made for.

    Attributes:
        kind: ``tab`` or ``img``.
        path: The table, or the folder that holds the class folders.
        task: ``cls`` or ``reg``.
        inputs: Shape of one sample.
        classes: Names by label.
        names: Of the columns that are given; empty where there are none.
        samples: How many there are.
        sentence: What was found.
        color: Of pictures.
        size: Of pictures, the side in pixels.
        even: Whether the columns of a table are of one size.
    """

    kind: str
    path: Path
    task: str
    inputs: tuple[int, ...]
    classes: tuple[str, ...]
    names: tuple[str, ...]
    samples: int
    sentence: str
    color: str = ""
    size: int = 0
    even: bool = True

    @property
    def around(self) -> Surroundings:
        """What its layers need to know."""
        return network_cards.of_shape(self.inputs, len(self.classes))

    def plain(self) -> dict[str, Any]:
        """Return it for a page, with layers to begin with and how long to learn."""
        return {
            "kind": self.kind,
            "task": self.task,
            "inputs": list(self.inputs),
            "classes": list(self.classes)[:200],
            "names": list(self.names),
            "samples": self.samples,
            "sentence": self.sentence,
            "color": self.color,
            "size": self.size,
            "layers": network_cards.suggestion(self.around, self.task, even=self.even),
            "training": {"epochs": _EPOCHS_OF_PICTURES} if self.kind == "img" else {},
        }


def data(path: Path, task: object = "", color: object = "", size: object = 0) -> NetworkData:
    """Look into what a network is to learn from.

    Args:
        path: A table, or a folder of pictures.
        task: ``cls`` or ``reg``; empty: as the last column of the table has it.
        color: Of pictures: ``RGB`` or ``grayscale``; empty: as the first one has it.
        size: Of pictures, the side in pixels; 0: as it suits the first one.

    Raises:
        ParameterInvalid: A value cannot be used (-305).
        DatasetNotFound, DatasetInvalid: It cannot be learned from (-101, -201).
    """
    _check_given(task, color, size)
    if what_is_at(path) == "folder":
        return _pictures(path, task, color, size)
    told = network_cards.check_task(task) if task else _task_of(path)
    found = learning_tables.last_column(path, told)
    even = found.spread <= _EVEN
    return NetworkData(
        "tab", path, told, (found.inputs,), found.classes, found.names, found.samples, found.sentence, even=even
    )


def _check_given(task: object, color: object, size: object) -> None:
    """Refuse what is neither left out nor one of the choices, whatever the data are."""
    if task != "":
        network_cards.check_task(task)
    if color != "":
        check_choice("color", color, learning_pictures.COLORS)
    if isinstance(size, bool) or size != 0:
        check_choice("size", size, learning_pictures.SIZES)


def schema() -> dict[str, Any]:
    """Return the form of a training: ``arguments``, a JSON schema, and ``first``, which of them are asked at once."""
    first = [item.name for item in arguments_of(NetworkTraining) if item.first]
    return {"arguments": json_schema(NetworkTraining), "first": first}


def checked_training(values: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a training, all of them, as plain data.

    Raises:
        ParameterUnknown, ParameterInvalid: One cannot be used (-501, -305).
    """
    listed = {item.name: item for item in arguments_of(NetworkTraining)}
    for name in values:
        if name not in listed:
            raise unknown_parameter("train()", str(name), listed)
    checked = check(NetworkTraining(**values))
    return {name: getattr(checked, name) for name in listed}


def _task_of(path: Path) -> str:
    return "cls" if learning_tables.look(path).columns[-1].tells == "classes" else "reg"


def _pictures(path: Path, task: object, color: object, size: object) -> NetworkData:
    if task not in ("", "cls"):
        raise invalid("task", task, "cls for pictures in class folders", " cls（按类别分文件夹的图片）")
    found = learning_pictures.pictures(path)
    chosen = check_choice("color", color or found.color, learning_pictures.COLORS)
    side = check_choice("size", size or found.size, learning_pictures.SIZES)
    inputs = (1 if chosen == "grayscale" else 3, side, side)
    return NetworkData(
        "img", found.folder, "cls", inputs, found.classes, (), found.samples, found.sentence, chosen, side
    )
