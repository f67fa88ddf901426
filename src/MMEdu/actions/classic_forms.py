"""Classic machine learning as a form: what a table can be used for, algorithms, arguments. Without scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.argument_schema import Argument, argument, arguments_of
from BaseDT.arguments import check_choice, invalid, is_integer, unknown_parameter
from BaseDT.errors import DatasetInvalid, DependencyMissing, ParameterInvalid
from BaseDT.language import say
from BaseML.algorithms.kind import AlgorithmKind
from BaseML.algorithms.kind import Family as Name
from BaseML.algorithms.registry import algorithms, find
from MMEdu.actions import learning_tables

INSTALL_ML = 'pip install "mmedu[ml]"'
_PACKAGES = ("sklearn", "matplotlib")
_EXPORTS = ("onnx",)
_IN_THE_PLANE = ("KNN", "SVM")
"""Classifiers that are drawn with two columns, and no other way."""
_KEEP_THEIR_SIZE = ("Birch",)
"""Algorithms with a distance of their own that is meant in the columns' own units: in 0 … 1 all rows are near."""
_MOST_LAYERS, _WIDEST = 10, 4096


def checked_layers(name: str, value: object) -> list[int]:
    """Return the sizes of hidden layers.

    Raises:
        ParameterInvalid: They are none (-305).
    """
    given = list(value) if isinstance(value, (list, tuple)) else [value]
    sizes = [int(size) for size in given if is_integer(size) and 0 < size <= _WIDEST]
    if 0 < len(sizes) == len(given) <= _MOST_LAYERS:
        return sizes
    raise invalid(name, value, "sizes of layers, e.g. 100 or 20, 10", "各层的大小，例如 100 或 20, 10")


@dataclass(frozen=True)
class Arguments:
    """What the documented classes take, those of all families; a family's own defaults stand in ``Family``."""

    n_neighbors: int = argument(
        5,
        "How many neighbours are asked.",
        "参考多少个邻居。",
        most=10_000,
        label=("neighbours", "邻居个数"),
        first=True,
    )
    n_estimators: int = argument(
        100,
        "How many trees or steps it has.",
        "使用多少个弱学习器。",
        most=10_000,
        label=("trees", "学习器个数"),
        first=True,
    )
    n_hidden: tuple[int, ...] = argument(
        (100,),
        "How many neurons each hidden layer has.",
        "每个隐藏层有多少神经元。",
        check=checked_layers,
        label=("hidden layers", "隐藏层"),
        first=True,
    )
    degree: int = argument(
        2, "The highest power of a column.", "多项式的最高次数。", most=10, label=("degree", "次数"), first=True
    )
    N_CLUSTERS: int = argument(
        5, "How many groups it looks for.", "分成多少组。", least=2, most=1000, label=("groups", "组数"), first=True
    )
    n_components: int = argument(
        2, "How many columns are left.", "保留多少列。", most=1000, label=("columns left", "保留列数"), first=True
    )


@dataclass(frozen=True)
class Family:
    """What a table can be used for.

    Attributes:
        documented: The class of BaseML, and what the documents call it.
        called: What it is called in English and Chinese.
        shows: What it does, likewise.
        tells: What the column holds that is told: ``classes``, ``numbers``, empty for none.
        defaults: Of its arguments, where they differ from ``Arguments``.
    """

    documented: tuple[str, str]
    called: tuple[str, str]
    shows: tuple[str, str]
    tells: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)


FAMILIES: Mapping[Name, Family] = {
    "classification": Family(
        ("Classification", "cls"),
        ("Which class?", "分类"),
        ("It tells classes apart.", "判断属于哪一类。"),
        tells="classes",
    ),
    "regression": Family(
        ("Regression", "reg"),
        ("How much?", "回归"),
        ("It tells a number.", "预测一个数值。"),
        tells="numbers",
        defaults={"n_estimators": 20},
    ),
    "cluster": Family(
        ("Cluster", "clt"),
        ("Which belong together?", "聚类"),
        ("It finds groups by itself.", "自动分成几组。"),
    ),
    "reduction": Family(
        ("DimentionReduction", "dr"),
        ("What does it look like?", "降维"),
        ("It makes few columns of many, so that they can be drawn.", "把很多列变成几列，方便画图。"),
    ),
}


@dataclass(frozen=True)
class Asked:
    """What somebody wants of a table, checked.

    Attributes:
        kind: The algorithm.
        arguments: Those that differ from the defaults, plain data.
        given: Numbers of the columns that are given.
        told: Number of the column that is told; None for none.
        draws: Whether there is a picture of what it learned.
        judged: Whether there is a picture of how good it is.
        exports: Whether it can become an ONNX file here.
        names: Of the columns that are given.
    """

    kind: AlgorithmKind
    arguments: dict[str, Any]
    given: list[int]
    told: int | None
    draws: bool
    judged: bool
    exports: bool
    names: list[str]


def families() -> list[dict[str, Any]]:
    """List what can be done: ``family``, ``name``, ``shows``, ``tells``, ``algorithms`` (name, shows, arguments: JSON
    schema, labels: whether it needs the told column, exports, scales: whether it compares the sizes of columns,
    plane: whether only two given columns give a picture of what it learned)."""
    return [
        {
            "family": name,
            "name": say(*family.called),
            "shows": say(*family.shows),
            "tells": family.tells,
            "algorithms": [_described(kind, family) for kind in algorithms(name).values()],
        }
        for name, family in FAMILIES.items()
    ]


def missing() -> list[str]:
    """List what classic machine learning needs and this Python lacks."""
    return [package for package in _PACKAGES if find_spec(package) is None]


def can_export() -> bool:
    """Whether models can become ONNX files here."""
    return all(find_spec(package) is not None for package in _EXPORTS)


def require_ml() -> None:
    """Make sure that classic machine learning is installed; packages are looked for, not imported.

    Raises:
        DependencyMissing: It is not (-502).
    """
    if lacks := ", ".join(missing()):
        raise DependencyMissing(
            say(f"This needs {lacks}, which this Python does not have.", f"需要 {lacks}，而当前 Python 没有安装。"),
            hint=say(f"Install it with: {INSTALL_ML}", f"请先安装：{INSTALL_ML}"),
        )


def checked(path: Path, family: object, algorithm: object, arguments: object, given: object, told: object) -> Asked:
    """Check what is asked of a table.

    Raises:
        DatasetNotFound, DatasetInvalid: The table cannot be used for it; the message names the column (-101, -201).
        ParameterInvalid, ParameterUnknown: A value cannot be used (-305, -501).
    """
    listed: Sequence[Name] = tuple(FAMILIES)
    name = check_choice("family", family, listed)
    kind = find(name, algorithm)
    chosen = FAMILIES[name]
    columns, answer = _columns(path, given, told, wants_told=bool(chosen.tells) or kind.needs_labels)
    _check_answer(path, answer, chosen.tells)
    values = _checked_arguments(kind, chosen, arguments)
    return Asked(
        kind,
        values,
        columns,
        answer,
        draws=not (name == "classification" and kind.name in _IN_THE_PLANE and len(columns) != 2),
        judged=name != "reduction" or kind.name == "PCA",
        exports=kind.exports and can_export(),
        names=_names(path, columns),
    )


def _names(path: Path, columns: list[int]) -> list[str]:
    listed = learning_tables.look(path).columns
    return [listed[number].name or str(number + 1) for number in columns]


def _described(kind: AlgorithmKind, family: Family) -> dict[str, Any]:
    return {
        "name": kind.name,
        "shows": say(*kind.shows),
        "arguments": {
            "type": "object",
            "properties": {item.name: {**item.schema(), "default": default} for item, default in _taken(kind, family)},
        },
        "labels": bool(family.tells) or kind.needs_labels,
        "exports": kind.exports and can_export(),
        "plane": family is FAMILIES["classification"] and kind.name in _IN_THE_PLANE,
        "scales": kind.measures_distance and kind.name not in _KEEP_THEIR_SIZE,
    }


def _taken(kind: AlgorithmKind, family: Family) -> list[tuple[Argument, Any]]:
    """Return the arguments that an algorithm takes, each with its default."""
    defaults = dict(family.defaults)
    return [
        (item, _plain(defaults.get(item.name, item.default)))
        for item in arguments_of(Arguments)
        if item.name in kind.documented
    ]


def _checked_arguments(kind: AlgorithmKind, family: Family, arguments: object) -> dict[str, Any]:
    if not isinstance(arguments, dict):
        raise invalid("arguments", arguments, "an object", "对象")
    taken = {item.name: (item, default) for item, default in _taken(kind, family)}
    for name in arguments:
        if name not in taken:
            raise unknown_parameter(kind.name, str(name), taken)
    values = {name: taken[name][0].checked(value) for name, value in arguments.items()}
    return {name: value for name, value in values.items() if value != taken[name][1]}


def _columns(path: Path, given: object, told: object, *, wants_told: bool) -> tuple[list[int], int | None]:
    looked = learning_tables.look(path)
    width = looked.table.width
    listed = given if isinstance(given, list) else []
    is_right = all(is_integer(one) and 0 <= one < width for one in listed)
    if not listed or not is_right or len(set(listed)) != len(listed):
        raise invalid("given", given, "numbers of columns, each once", "列的编号，且不重复")
    columns = [int(one) for one in listed]
    looked.table.numbers(columns)
    if not wants_told:
        return columns, None
    if not is_integer(told) or not 0 <= told < width or told in columns:
        raise ParameterInvalid(
            say("No column is chosen that is to be told.", "没有选择要预测的列。"),
            hint=say("Choose one that is not given.", "请选择一列作为要预测的列（不能同时是已知列）。"),
        )
    return columns, int(told)


def _check_answer(path: Path, answer: int | None, tells: str) -> None:
    if answer is None:
        return
    table = learning_tables.look(path).table
    if tells == "numbers":
        table.numbers([answer])
        return
    if len(set(table.labels(answer).values.tolist())) < 2:
        raise DatasetInvalid(
            say("The column that is to be told holds one class alone.", "要预测的列只有一个类别。"),
            hint=say("Choose another column, or add rows of other classes.", "请换一列，或加入其他类别的数据。"),
        )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
