"""What the command line asks of classic machine learning: train on a table, answer, convert, tell of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import BaseML
from BaseDT.classic_model_info import ClassicModelInfo
from BaseDT.errors import CheckpointInvalid, ParameterInvalid, did_you_mean
from BaseDT.language import say
from BaseDT.tabular.known_rows import KnownRows
from BaseDT.tabular.table import Table
from BaseML.algorithms.kind import FAMILY_WORDS as FAMILY_WORDS
from BaseML.algorithms.kind import AlgorithmKind, Family
from BaseML.algorithms.registry import algorithms, find
from MMEdu.actions import learning_tables, table_rows

if TYPE_CHECKING:
    from BaseML.trained import TrainedModel

FAMILIES: Mapping[Family, tuple[str, str]] = {
    "classification": ("Classification", "KNN"),
    "regression": ("Regression", "LinearRegression"),
    "cluster": ("Cluster", "Kmeans"),
    "reduction": ("DimentionReduction", "PCA"),
}
"""The documented class of each, and the algorithm that it takes by default."""
_METRICS: Mapping[Family, str] = {"classification": "acc", "regression": "r2"}


@dataclass(frozen=True)
class TableTraining:
    """What is asked of a table.

    Attributes:
        data: The table.
        algorithm: Its name, without regard to case; None is the family's usual one.
        family: None: what the algorithm belongs to, or what the last column holds.
        given: Columns by number or name that are learned from; None are all others.
        told: The column that is told; None is the last one.
        para: Parameters of scikit-learn.
        scale: Whether columns are brought to one size first.
        file: The model to write.
        plot: A picture of what it learned; None for none.
        metricplot: A picture of how good it is; None for none.
    """

    data: Path
    algorithm: str | None = None
    family: Family | None = None
    given: Sequence[int | str] | None = None
    told: int | str | None = None
    para: Mapping[str, Any] = field(default_factory=dict)
    scale: bool = False
    file: Path = Path("checkpoint.pkl")
    plot: Path | None = None
    metricplot: Path | None = None


def train(asked: TableTraining) -> dict[str, Any]:
    """Train on a table, judge by a fifth of its rows, write model and pictures.

    Returns:
        ``family``, ``algorithm``, ``columns``, ``told``, ``rows`` (learned from), ``held_out`` rows, ``metric`` and
        ``score`` (None where nothing is told), ``model``, ``pictures``; plain data.

    Raises:
        XEduError: The table or a value cannot be used; its code says which.
    """
    table_rows.check_is_there(asked.data)
    table = learning_tables.look(asked.data).table
    kind = _kind(asked)
    told = _told(table, asked, kind)
    given = _given(table, asked, told)
    model = getattr(BaseML, FAMILIES[kind.family][0])(kind.name, para=dict(asked.para))
    judged = kind.family in _METRICS
    wanted = {} if told is None else {"y_column": [told]}
    model.load_dataset(str(asked.data), type="csv", x_column=given, **wanted, split=judged, scale=asked.scale)
    model.train()
    score = model.valid(metrics=_METRICS[kind.family])[0] if judged else None
    model.save(asked.file)
    pictures = _pictures(model, asked)
    return {
        "family": kind.family,
        "algorithm": kind.name,
        "columns": [table.names[column] or str(column) for column in given],
        "told": None if told is None else table.names[told] or str(told),
        "rows": len(model.x_train),
        "held_out": len(model.x_test),
        "metric": _METRICS.get(kind.family),
        "score": None if score is None else float(score),
        "model": str(asked.file),
        "pictures": [str(picture) for picture in pictures],
    }


def _kind(asked: TableTraining) -> AlgorithmKind:
    """Return the algorithm: by its name, and, where several families have it, by what the table's column holds."""
    if asked.family is not None:
        return find(asked.family, asked.algorithm or FAMILIES[asked.family][1])
    usual = _usual_family(asked)
    if asked.algorithm is None:
        return find(usual, FAMILIES[usual][1])
    having = [family for family in FAMILIES if _has(family, asked.algorithm)]
    if not having:
        raise _unknown(asked.algorithm)
    return find(usual if usual in having else having[0], asked.algorithm)


def _usual_family(asked: TableTraining) -> Family:
    looked = learning_tables.look(asked.data)
    column = looked.table.select("y_column", -1 if asked.told is None else asked.told)[0]
    return "classification" if looked.columns[column].tells == "classes" else "regression"


def _has(family: Family, name: str) -> bool:
    known = algorithms(family).values()
    return name.strip().lower() in {each for kind in known for each in (kind.name.lower(), *kind.aliases)}


def _unknown(name: str) -> ParameterInvalid:
    names = list(dict.fromkeys(name for family in FAMILIES for name in algorithms(family)))
    listed = ", ".join(names)
    return ParameterInvalid(
        say(f"There is no algorithm {name!r}.", f"没有算法 {name!r}。"),
        hint=f"{did_you_mean(name, names)} {say(f'Known: {listed}.', f'可用的算法：{listed}。')}".strip(),
    )


def _told(table: Table, asked: TableTraining, kind: AlgorithmKind) -> int | None:
    if not kind.needs_labels and asked.told is None:
        return None
    return table.select("y_column", -1 if asked.told is None else asked.told)[0]


def _given(table: Table, asked: TableTraining, told: int | None) -> list[int]:
    """Return the columns that are learned from; of a table without a told column those that hold numbers."""
    if asked.given is not None:
        return table.select("x_column", asked.given)
    others = [column for column in range(table.width) if column != told]
    if told is not None:
        return others
    looked = learning_tables.look(asked.data).columns
    return [column for column in others if looked[column].holds == "numbers"] or others


def _pictures(model: Any, asked: TableTraining) -> list[Path]:
    for call, file in ((model.plot, asked.plot), (model.metricplot, asked.metricplot)):
        if file is not None:
            call(save=file, show=False)
    return [file for file in (asked.plot, asked.metricplot) if file is not None]


def opened(file: Path) -> TrainedModel:
    """Read a model's file; nothing in it is run.

    Raises:
        XEduError: It is not there, or none that is known (-102, -202, -206).
    """
    from BaseML.files import model_file

    return model_file.read(file)


def answers(file: Path, rows: Any) -> list[Any]:
    """Return what a model says of rows of numbers: a class, a number, a group, fewer numbers; plain data.

    Args:
        file: ``.pkl``, or the ``.onnx`` that was made of it, which needs no scikit-learn.
        rows: Rows of numbers, or a table's file.
    """
    if file.suffix.lower() == ".onnx":
        from XEdu.hub import Workflow

        known = table_rows.known_to_exported(file)
        given = table_rows.rows(rows, known) if isinstance(rows, Path) else rows
        found: Any = Workflow(task="baseml", checkpoint=file).inference(data=given)
        return list(np.asarray(found).tolist())
    from BaseML.answering import answer, rows_for

    model = opened(file)
    given = table_rows.rows(rows, KnownRows(model.width, model.features)) if isinstance(rows, Path) else rows
    found = answer(model, rows_for(model, given))
    named = model.named(found) if model.kind.family == "classification" else found
    return list(named.tolist())


def convert(file: Path, out_file: Path, opset_version: int, ir_version: int) -> Path:
    """Write a model as ONNX, checked against it.

    Raises:
        ExportFailed: The algorithm cannot answer for new data (-806).
        DependencyMissing: onnx is not installed (-502).
        XEduError: The file cannot be read or written.
    """
    from BaseML.export import onnx

    return onnx.convert(opened(file), out_file, opset=opset_version, ir=ir_version)


def info(file: Path) -> dict[str, Any]:
    """Tell of a model's file, or of the ``.onnx`` that was made of it, as plain data.

    Raises:
        XEduError: It is not there, or none that is known (-102, -202, -206).
    """
    if file.suffix.lower() == ".onnx":
        return _exported_info(file)
    from BaseML.algorithms.parameters import parameters

    model = opened(file)
    row = np.ravel(model.demo_input).tolist() if np.size(model.demo_input) else []
    return {
        "algorithm": model.kind.name,
        "family": model.kind.family,
        "shows": say(*model.kind.shows),
        "columns": list(model.features),
        "width": model.width,
        "classes": list(model.classes),
        "scaled": model.scaling is not None,
        "input_shape": [int(length) for length in model.input_shape],
        "example": row,
        "parameters": {name: _plain(value) for name, value in parameters(model.estimator).items()},
    }


def _exported_info(file: Path) -> dict[str, Any]:
    known = ClassicModelInfo.from_metadata(table_rows.header_of(file).metadata, file.name)
    if known is None:
        raise CheckpointInvalid(
            say(f"{file} is no model of BaseML.", f"{file} 不是 BaseML 模型。"),
            hint=say("Look at it with mmedu info.", "请用 mmedu info 查看。"),
        )
    return {
        "algorithm": known.algorithm,
        "family": known.family,
        "columns": list(known.features),
        "width": known.width,
        "classes": list(known.classes),
        "example": list(known.example),
        "tool": known.tool,
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def listed() -> list[dict[str, str]]:
    """List the algorithms: ``family``, ``algorithm``, ``shows`` in the user's language."""
    return [
        {"family": family, "algorithm": kind.name, "shows": say(*kind.shows)}
        for family in FAMILIES
        for kind in algorithms(family).values()
    ]
