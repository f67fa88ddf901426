"""``ClassicModelInfo``: what an exported model of BaseML says of itself.

``BaseML.export`` writes it, ``XEdu.hub`` reads it. Beside our own key stand the documented ones of BaseNN's files, so
that the original client runs it as a network of numbers (``task='basenn'``): its own task for BaseML knows no ONNX.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from BaseDT import plain_json
from BaseDT.errors import CheckpointInvalid
from BaseDT.language import english, say
from BaseDT.model_info import newer

INPUT, OUTPUT, LABEL = "input", "output", "label"
"""What a model's tensors are called: (N, F) numbers; (N, K) what was computed; (N,) labels, where there are some."""
KEY = "baseml"
_FORMAT = 1
_MOST_COLUMNS = 2**20

Family: TypeAlias = Literal["classification", "regression", "cluster", "reduction"]


@dataclass(frozen=True)
class ClassicModelInfo:
    """What an exported model of BaseML says of itself.

    Attributes:
        family: What it does.
        algorithm: Its documented name.
        width: How many numbers a row has.
        features: Names of the columns; empty where there are none.
        classes: Names by label; empty where labels are numbers.
        labels: What the columns of ``output`` stand for, by number; empty where they stand for no label.
        example: A row of the data.
        shares: Whether ``output`` tells how sure a classifier is; a support vector machine's does not.
        batch: How many rows may well run at a time: nearest neighbours need a number for each known row.
        tool: What wrote it.
    """

    family: Family
    algorithm: str
    width: int
    features: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    labels: tuple[int, ...] = ()
    example: tuple[float, ...] = ()
    batch: int = 1024
    shares: bool = True
    tool: str = ""

    def to_metadata(self) -> dict[str, str]:
        """Return the properties to write into a file."""
        own = {"format": _FORMAT, **{name: getattr(self, name) for name in self.__dataclass_fields__}}
        documented = {"input_size": json.dumps([1, self.width]), "dataset_type": "tab"}
        return {**documented, KEY: json.dumps(own)}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], file: str) -> ClassicModelInfo | None:
        """Read a file's properties; None where it is no model of BaseML.

        Raises:
            ModelUnsupported: A newer version wrote them (-206).
            CheckpointInvalid: They do not say what they must (-202).
        """
        if KEY not in metadata:
            return None
        values = _json(metadata[KEY])
        written = values.get("format") if isinstance(values, dict) else None
        if type(written) is int and written > _FORMAT:
            raise newer(file, say(f"its metadata have format {written}", f"它的元数据格式为 {written}"))
        try:
            return cls(**_checked(values))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise _damaged(file) from None


def _checked(values: Any) -> dict[str, Any]:
    """Return the values of our own key.

    Raises:
        KeyError, TypeError, ValueError: They are not what ``to_metadata`` writes.
    """
    family, width = values["family"], values["width"]
    if values["format"] != _FORMAT or family not in get_args(Family):
        raise ValueError
    batch = values["batch"]
    if any(type(number) is not int or not 1 <= number <= _MOST_COLUMNS for number in (width, batch)):
        raise ValueError
    if not isinstance(values["shares"], bool):
        raise TypeError
    known = {"family": family, "width": width, "batch": batch, "shares": values["shares"]}
    texts = {name: _all(values[name], str) for name in ("features", "classes")}
    algorithm, tool = _all([values["algorithm"], values["tool"]], str)
    numbers = {"labels": _all(values["labels"], int), "example": _all(values["example"], float, int)}
    return {**known, **texts, **numbers, "algorithm": algorithm, "tool": tool}


def _all(values: Any, *kinds: type) -> tuple[Any, ...]:
    if not isinstance(values, list) or not all(type(value) in kinds for value in values):
        raise TypeError
    return tuple(values)


def _json(text: str) -> Any:
    try:
        return plain_json.loads(text)
    except ValueError:
        return None


def _damaged(file: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(
            f"{english(file)} is damaged: its own metadata ('{KEY}') do not say what they must.",
            f"{file} 已损坏：它自带的元数据（'{KEY}'）不正确。",
        ),
        hint=say(
            "Copy it again, or convert the model again: model.convert('model.pkl').",
            "请重新复制该文件，或重新转换：model.convert('model.pkl')。",
        ),
    )
