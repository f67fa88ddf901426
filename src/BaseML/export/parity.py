"""The parity check: the exported file and the model get the same rows and must give the same answers."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.classic_model_info import INPUT, LABEL, OUTPUT
from BaseDT.errors import ExportDiffers
from BaseDT.language import say
from BaseML.export import decimals
from BaseML.trained import TrainedModel
from XEdu import runtime

TOLERANCE = 1e-5
"""Of a number, relative to the largest one of its column, at least 1."""
_DISTANCES = 1e-4
"""Of groups: distances are roots of differences."""
_ROWS = 64
_STEP = 2e-7
"""How far, relative to its size, a number is moved to see whether a model is undecided: some roundings of 32 bits."""

Rows = npt.NDArray[np.float64]


def check(model: TrainedModel, data: bytes, rows: Rows | None) -> bool:
    """Compare an exported file with its model.

    Where 32 bits do not hold the digits of the rows, and the answers hang on these, the model is asked for the rows as
    the file sees them: the file is right then, and its input is too short.

    Args:
        model: Trained.
        data: The file.
        rows: (N, F), as the user's data have them; None makes some.

    Returns:
        Whether the answers are the same for the rows with all their digits.

    Raises:
        ExportDiffers: They do not give the same (-807).
    """
    known = np.asarray([] if rows is None else rows)
    checked = _some(known) if known.ndim == 2 and known.shape[1] == model.width and len(known) else generated(model)
    outputs, seen = _run(data, checked), decimals.as_seen(checked)
    try:
        _compare(model, outputs, checked)
    except ExportDiffers:
        if np.array_equal(seen, checked):
            raise
        _compare(model, outputs, seen)
        return False
    return True


def _compare(model: TrainedModel, outputs: dict[str, npt.NDArray[Any]], rows: Rows) -> None:
    if LABEL in outputs:
        _check_labels(model, outputs[LABEL], rows)
    _check_numbers(model, outputs[OUTPUT], rows)


def generated(model: TrainedModel, count: int = _ROWS) -> Rows:
    """Make rows around what is known of a model's data, with four digits, always the same."""
    rng = np.random.default_rng(0)
    if model.scaling is not None:
        least, most = model.scaling.least, model.scaling.most
    else:
        middle = np.asarray(model.demo_input, np.float64).reshape(1, -1)[0]
        least, most = middle - np.abs(middle) / 2 - 0.5, middle + np.abs(middle) / 2 + 0.5
    rows = rng.uniform(least, most, (count, model.width))
    return np.vstack([np.reshape(model.demo_input, (1, -1)).astype(np.float64), np.round(rows, 4)])


def _some(rows: Rows) -> Rows:
    """Return some rows of many, evenly."""
    chosen: Rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), _ROWS)).astype(int)]
    return chosen


def _run(data: bytes, rows: Rows) -> dict[str, npt.NDArray[Any]]:
    with tempfile.TemporaryDirectory(prefix="mmedu-") as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(data)
        backend = runtime.open(path)
        outputs = backend.run({INPUT: rows.astype(np.float32)})
        return {spec.name: np.asarray(value) for spec, value in zip(backend.outputs, outputs, strict=True)}


def _check_labels(model: TrainedModel, found: npt.NDArray[Any], rows: Rows) -> None:
    expected = _predicted(model, rows)
    differs = np.flatnonzero(expected != found)
    decided = [row for row in differs if not _is_undecided(model, rows[row], found[row])]
    if decided:
        raise _differs(
            f"{len(decided)} of {len(rows)} rows get another label", f"{len(rows)} 行中有 {len(decided)} 行标签不同"
        )


def _is_undecided(model: TrainedModel, row: Rows, label: Any) -> bool:
    """Whether the model itself gives this label when the last digits of the row's numbers move.

    So do nearest neighbours of which more are equally far than are asked: whichever comes first votes.
    """
    if equally_far(model, row[None])[0]:
        return True
    rng = np.random.default_rng(0)
    moved = row * (1 + rng.uniform(-_STEP, _STEP, (256, len(row))))
    return bool((_predicted(model, moved) == label).any())


def equally_far(model: TrainedModel, rows: Rows) -> npt.NDArray[np.bool_]:
    """Tell which rows, (N, F), have more neighbours that are equally far than are asked; no row of other models."""
    estimator = model.estimator
    if model.kind.name != "KNN" or estimator.n_neighbors >= estimator.n_samples_fit_:
        return np.zeros(len(rows), np.bool_)
    distances, _ = estimator.kneighbors(model.scaled(rows), estimator.n_neighbors + 1)
    tied: npt.NDArray[np.bool_] = distances[:, -1] - distances[:, -2] <= _STEP * np.maximum(distances[:, -1], 1.0)
    return tied


def _check_numbers(model: TrainedModel, found: npt.NDArray[Any], rows: Rows) -> None:
    expected = _numbers(model, rows)
    if expected is None:
        return
    tolerance = _DISTANCES if model.kind.family == "cluster" else TOLERANCE
    scale = np.maximum(np.abs(expected).max(axis=0, initial=0), 1.0)
    worst = float((np.abs(found - expected) / scale).max(initial=0.0)) if found.shape == expected.shape else np.inf
    if not worst <= tolerance and not _jumps(model, found, rows, scale * tolerance):
        raise _differs(f"a number differs by {worst:.1e} of its size", f"数值的相对误差为 {worst:.1e}")


def _jumps(model: TrainedModel, found: npt.NDArray[Any], rows: Rows, tolerance: Rows) -> bool:
    """Whether each differing row lies on an edge between two answers of the model, as trees have them."""
    expected = _numbers(model, rows)
    if expected is None or found.shape != expected.shape:
        return False
    rng = np.random.default_rng(0)
    for number in np.flatnonzero((np.abs(found - expected) > tolerance).any(axis=1)):
        if equally_far(model, rows[number][None])[0]:
            continue
        moved = rows[number] * (1 + rng.uniform(-_STEP, _STEP, (256, rows.shape[1])))
        near = _numbers(model, moved)
        if near is None or not (np.abs(near - found[number]) <= tolerance).all(axis=1).any():
            return False
    return True


def _predicted(model: TrainedModel, rows: Rows) -> npt.NDArray[Any]:
    return np.asarray(_asked(model.estimator.predict, model.scaled(rows)))


def _numbers(model: TrainedModel, rows: Rows) -> Rows | None:
    """Return what ``output`` is to hold; None where only labels can be compared."""
    estimator, scaled = model.estimator, model.scaled(rows)
    if model.kind.family == "regression":
        return np.asarray(_asked(estimator.predict, scaled), np.float64).reshape(len(rows), -1)
    if model.kind.family == "reduction":
        return np.asarray(_asked(estimator.transform, scaled), np.float64)
    if model.kind.family == "classification" and model.kind.name != "SVM":
        return np.asarray(_asked(estimator.predict_proba, scaled), np.float64)
    if model.kind.name == "Kmeans":
        return -np.asarray(_asked(estimator.transform, scaled), np.float64)
    return None


def _asked(answer: Any, rows: Rows) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return answer(rows)


def _differs(what: str, what_zh: str) -> ExportDiffers:
    return ExportDiffers(
        say(
            f"The exported model differs from the trained one: {what}.", f"导出的模型与训练得到的模型不同：{what_zh}。"
        ),
        hint=say(
            "Nothing was written. Report it with the algorithm and its parameters.",
            "没有写入任何文件。请反馈所用的算法及参数。",
        ),
    )
