"""``OwnNetworkInfo``: what an exported network of BaseNN says of itself, in the documented keys and one of ours.

Written by ``BaseNN.export``, read by ``XEdu.hub``. The original client evaluates the texts of the documented keys: they
mean the same in JSON and in Python. Here nothing is evaluated.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from BaseDT import plain_json
from BaseDT.errors import CheckpointInvalid, ParameterInvalid, ParameterUnknown
from BaseDT.escaping import quoted
from BaseDT.language import english, say
from BaseDT.model_info import newer
from BaseDT.preprocess import Preprocess
from BaseDT.shares import Scores

INPUT, OUTPUT = "input", "output"
"""What a network's tensors are called."""
KEY = "basenn"
"""Our own key: what the documented ones have no place for."""
_FORMAT = 1
_LONGEST = 8 * 2**20
"""Characters of a vocabulary; the longest that is known has some 200 thousand."""
_PYTHON_ENTRY = re.compile(
    r"""\s*(?P<word>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")\s*:\s*(?P<number>\d{1,9})\s*(?:,|$)"""
)

Task: TypeAlias = Literal["cls", "reg", "gen"]
DatasetType: TypeAlias = Literal["img", "tab", "npz"]


@dataclass(frozen=True)
class OwnNetworkInfo:
    """What an exported network of BaseNN says of itself.

    Attributes:
        dataset_type: ``img``: pictures, ``tab``: rows of numbers, ``npz``: anything else, text too.
        input_size: Of one sample with its batch of 1: (1, C, H, W), (1, F), (1, T, F); 0 where any number goes.
        task: What its numbers mean: ``cls``, ``reg``, or ``gen`` for the next word.
        classes: Names by label; empty where there are none.
        word2idx: Numbers of the words; empty where there are none.
        preprocess: How pictures become its input; None for others.
        tool: What wrote it; empty for the original.
        scores: What makes shares of its numbers; see ``BaseDT.shares``.
    """

    dataset_type: DatasetType
    input_size: tuple[int, ...]
    task: Task = "cls"
    classes: tuple[str, ...] = ()
    word2idx: Mapping[str, int] = field(default_factory=dict)
    preprocess: Preprocess | None = None
    tool: str = ""
    scores: Scores = ""

    def to_metadata(self) -> dict[str, str]:
        """Return the properties to write into a file."""
        own = {
            "format": _FORMAT,
            "task": self.task,
            "preprocess": None if self.preprocess is None else self.preprocess.to_dict(),
            "tool": self.tool,
            "scores": self.scores,
        }
        documented = {"input_size": json.dumps(list(self.input_size)), "dataset_type": self.dataset_type}
        if self.word2idx:
            documented["word2idx"] = _text(dict(self.word2idx))
        if self.classes:
            documented["classes"] = _text(list(self.classes))
        return {**documented, KEY: json.dumps(own)}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], file: str) -> OwnNetworkInfo | None:
        """Read a file's properties; None where it is no network of BaseNN.

        Args:
            metadata: The properties.
            file: What messages call the file.

        Raises:
            CheckpointInvalid: They cannot be meant (-202).
            ModelUnsupported: A newer version wrote them (-206).
        """
        if not is_own_network(metadata):
            return None
        kind = metadata["dataset_type"]
        if kind not in get_args(DatasetType):
            raise _damaged(file, f"dataset_type={quoted(kind)}")
        size, words = _size(metadata["input_size"], file), _words(metadata.get("word2idx", ""), file)
        known: Any = {"dataset_type": kind, "input_size": size, "word2idx": words}
        if KEY not in metadata:
            return cls(**known, task="gen" if words else "cls", preprocess=_usual(kind, size))
        return cls(**known, **_own(metadata[KEY], file), classes=_classes(metadata.get("classes", "[]"), file))


def is_own_network(metadata: Mapping[str, str]) -> bool:
    """Whether these are the properties of a network of BaseNN, ours or the original's."""
    return {"dataset_type", "input_size"} <= metadata.keys()


def documented(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return of a file's properties those of a network of BaseNN; empty where it is none."""
    names = ("input_size", "dataset_type", "word2idx", "classes", KEY)
    return {name: metadata[name] for name in names if name in metadata} if is_own_network(metadata) else {}


def _text(values: Any) -> str:
    """Return JSON that is a literal of Python, too: no escape of JSON's own means another thing there."""
    text = json.dumps(values, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half a character, which no file holds otherwise
        return json.dumps(values)
    return text


def _usual(kind: str, size: tuple[int, ...]) -> Preprocess | None:
    """Return how the original's networks saw pictures while they learned; its client leaves the division out."""
    if kind != "img" or len(size) != 4 or size[1] not in (1, 3) or 0 in size:
        return None
    color: Literal["gray", "bgr"] = "gray" if size[1] == 1 else "bgr"
    return pictures_as_learned((size[2], size[3]), color)


def pictures_as_learned(size: tuple[int, int], color: Literal["gray", "bgr"], whole: float = 255.0) -> Preprocess:
    """Return how BaseNN sees pictures: stretched to the size, each channel divided.

    Args:
        size: Height and width.
        color: Of the channels.
        whole: What the values 0 to 255 are divided by.
    """
    channels = 1 if color == "gray" else 3
    return Preprocess(size, color, (0.0,) * channels, (whole,) * channels, interpolation="linear")


def _size(text: str, file: str) -> tuple[int, ...]:
    values = _json(text)
    whole = isinstance(values, list) and all(type(value) is int and 0 <= value <= 2**20 for value in values)
    if not whole or not 1 <= len(values) <= 8:
        raise _damaged(file, f"input_size={quoted(text)}")
    return tuple(values)


def _words(text: str, file: str) -> dict[str, int]:
    """Return a vocabulary that was written as JSON, or as Python writes a dictionary."""
    if not text:
        return {}
    values = _json(text) if len(text) <= _LONGEST else None
    if not isinstance(values, dict):
        values = _python_words(text) if len(text) <= _LONGEST else None
    if not values or not all(type(number) is int and 0 <= number < 2**31 for number in values.values()):
        raise _damaged(file, say("its vocabulary is none", "词表无法读取"))
    return values


def _python_words(text: str) -> dict[str, int] | None:
    """Read ``{'a': 0, "b'": 1}`` entry by entry; anything else than texts and whole numbers is refused."""
    inner, found, position = text.strip(), dict[str, int](), 0
    if not (inner.startswith("{") and inner.endswith("}")):
        return None
    inner = inner[1:-1].rstrip().removesuffix(",")
    while position < len(inner):
        entry = _PYTHON_ENTRY.match(inner, position)
        if entry is None:
            return None
        try:
            found[str(ast.literal_eval(entry["word"]))] = int(entry["number"])
        except (ValueError, SyntaxError):
            return None
        position = entry.end()
    return found


def _classes(text: str, file: str) -> tuple[str, ...]:
    values = _json(text)
    if not isinstance(values, list) or not all(isinstance(name, str) for name in values):
        raise _damaged(file, say("its classes are no list of names", "类别不是名称列表"))
    return tuple(values)


def _own(text: str, file: str) -> dict[str, Any]:
    """Return what our own key says."""
    values = _json(text)
    written = values.get("format") if isinstance(values, dict) else None
    if type(written) is int and written > _FORMAT:
        raise newer(file, say(f"its metadata have format {written}", f"它的元数据格式为 {written}"))
    try:
        preprocess, task, tool = values["preprocess"], values["task"], values["tool"]
        scores = values.get("scores", "")  # older files do not say
        if scores not in get_args(Scores):
            raise TypeError
        if written != _FORMAT or task not in get_args(Task) or not isinstance(tool, str):
            raise TypeError
        made = None if preprocess is None else Preprocess.from_dict(preprocess)
    except (KeyError, TypeError, OverflowError, ParameterInvalid, ParameterUnknown):
        raise _damaged(file, KEY) from None
    return {"task": task, "preprocess": made, "tool": tool, "scores": scores}


def _json(text: str) -> Any:
    try:
        return plain_json.loads(text)
    except ValueError:
        return None


def _damaged(file: str, what: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(
            f"{english(file)} is damaged: its metadata do not say what they must ({english(what)}).",
            f"{file} 已损坏：它的元数据不正确（{what}）。",
        ),
        hint=say(
            "Copy it again, or convert the network again: model.convert('basenn.pth').",
            "请重新复制该文件，或重新转换：model.convert('basenn.pth')。",
        ),
    )
