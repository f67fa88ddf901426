"""``task="baseml"``: models of BaseML over rows of numbers. ``.onnx`` runs as it is, ``.pkl`` with scikit-learn."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from BaseDT.classic_model_info import INPUT, LABEL, OUTPUT, ClassicModelInfo
from BaseDT.errors import CheckpointInvalid, DependencyMissing, ModelUnsupported, ParameterInvalid, TaskMismatch
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.pasted import as_meant
from BaseDT.row_model import Answers, RowModel
from BaseDT.tabular.known_rows import KnownRows
from XEdu.hub import raw_inference
from XEdu.hub.given_boxes import no_points
from XEdu.hub.prediction import Prediction
from XEdu.hub.source_snapshot import SourceSnapshot
from XEdu.hub.target_class import no_parts_of_classes
from XEdu.hub.tasks import InferenceOptions
from XEdu.hub.tasks.functions import check_no_functions
from XEdu.outputs.key_names import Vocabulary, translated
from XEdu.runtime.model import Model

_KEYS: Vocabulary = {
    "预测值": ("prediction", "прогноз", "Vorhersage", "prédiction"),
    "分数": ("scores", "баллы", "Partituren", "partitions"),
}
"""As the original client has them."""
_TABLES = (".csv", ".txt")
_PICKLED = (".pkl", ".pickle", ".joblib")
_SKLEARN_RUNNER = "BaseML.running"
"""Who runs such files: named only, and imported when one is opened; this package knows no scikit-learn."""


@dataclass(frozen=True)
class RowPrediction(Prediction):
    """What a model of BaseML said of some rows.

    Attributes:
        answers: Of all rows.
    """

    answers: Answers | None = None

    def said(self, lang: str) -> Any:
        """Return plain data: the values, and of classes how sure the model is."""
        assert self.answers is not None
        said = {"预测值": _plain(self.answers.values)}
        if self.answers.scores is not None:
            said["分数"] = _plain(self.answers.scores)
        return translated(said, lang, _KEYS)

    def drawn(self, *, enlarge: bool = True) -> Iterator[Pixels]:
        """Say that there is nothing to draw on (-311)."""
        del enlarge
        raise TaskMismatch(
            say("These data are no pictures: there is nothing to draw on.", "这些数据不是图片，无法绘制。"),
            hint=say("Leave img_type and show out.", "请去掉 img_type 和 show。"),
        )


@dataclass(frozen=True)
class ExportedModel:
    """A model of BaseML as ONNX.

    Attributes:
        network: The opened file.
        info: What it says of itself.
    """

    network: Model
    info: ClassicModelInfo

    def answers(self, rows: npt.NDArray[np.float64]) -> Answers:
        """Run the model over rows, (N, F)."""
        backend = self.network.backend
        names, batch = [spec.name for spec in backend.outputs], self.info.batch
        parts = [
            backend.run({INPUT: rows[start : start + batch].astype(np.float32)}) for start in range(0, len(rows), batch)
        ]
        outputs = {name: np.concatenate([part[n] for part in parts]) for n, name in enumerate(names)}
        output = outputs[OUTPUT]
        if LABEL not in outputs:
            return Answers(output[:, 0] if self.info.family == "regression" and output.shape[1] == 1 else output)
        labels = outputs[LABEL]
        values = np.array(self.info.classes)[labels] if self.info.classes else labels
        sure = self.info.family == "classification" and self.info.shares
        return Answers(values, output.max(axis=1), output) if sure else Answers(values)


@dataclass(frozen=True)
class BaseMLTask:
    """A model of BaseML."""

    opened: RowModel

    @property
    def model(self) -> NoReturn:
        """There is none that could be evaluated on folders (-206)."""
        raise ModelUnsupported(
            say("Models of BaseML are not evaluated here.", "BaseML 模型不在这里评估。"),
            hint=say("Ask BaseML: model.valid(x=…, y=…).", "请使用 BaseML：model.valid(x=…, y=…)。"),
        )

    def inference(self, data: Any, options: InferenceOptions) -> Prediction:
        """Answer for rows of numbers: lists, an array, a frame, a ``.csv``.

        Raises:
            InputMismatch: The data have other columns, or are no numbers (-309).
            ParameterInvalid: A value cannot be used (-305).
            TaskMismatch: Boxes, classes or a picture were asked for that there are none of (-311).
        """
        _check(options)
        info = self.opened.info
        known = KnownRows(info.width, info.features, info.example)
        is_file = isinstance(data, (str, os.PathLike)) and Path(data).suffix.lower() in _TABLES
        rows = known.rows_of_file(as_meant(data)) if is_file else known.rows_of(data)
        answers = self.opened.answers(rows)
        prediction = RowPrediction([answers.values], [SourceSnapshot("", data)], False, answers=answers)
        if options.draws:
            prediction.drawn()
        return prediction


def open_task(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> BaseMLTask:
    """Open the model: an exported one, or one as BaseML saves it.

    Raises:
        TaskMismatch: It says that something else made it (-311).
        CheckpointInvalid: It does not say that BaseML made it (-202).
        DependencyMissing: A saved one needs scikit-learn, which is not installed (-502).
        XEduError: It cannot be opened.
    """
    if checkpoint is not None and Path(checkpoint).suffix.lower() in _PICKLED:
        return BaseMLTask(_pickled(as_meant(checkpoint)))
    network = _exported(checkpoint, providers)
    name, backend = network.path.name, network.backend
    info = ClassicModelInfo.from_metadata(backend.metadata, name)
    outputs = [spec.name for spec in backend.outputs]
    if info is None or [spec.name for spec in backend.inputs] != [INPUT] or OUTPUT not in outputs:
        raise _of_others(network, name)
    return BaseMLTask(ExportedModel(network, _fitting(info, network)))


def _exported(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None) -> Model:
    try:
        return raw_inference.open_model(checkpoint, providers)
    except CheckpointInvalid as error:
        suffix = "" if checkpoint is None else Path(checkpoint).suffix.lower()
        if suffix == ".onnx":
            raise
        hint = say("Models of BaseML are .onnx and .pkl files.", "BaseML 的模型是 .onnx 或 .pkl 文件。")
        if suffix in _TABLES:
            hint += say(" A table is for inference(data='…').", "表格请传给 inference(data='…')。")
        raise CheckpointInvalid(error.message, hint=hint) from None


def _pickled(path: Path) -> RowModel:
    try:
        runner = importlib.import_module(_SKLEARN_RUNNER)
        opened: RowModel = runner.open_model(path)
    except ModuleNotFoundError as error:
        raise DependencyMissing(_needs_sklearn(path), hint=_without_sklearn()) from error
    except DependencyMissing as error:
        raise DependencyMissing(_needs_sklearn(path), hint=f"{_without_sklearn()} {error.hint}") from None
    return opened


def _needs_sklearn(path: Path) -> str:
    return say(
        f"{path.name} needs scikit-learn, which is not installed here.",
        f"{path.name} 需要 scikit-learn，这里没有安装。",
    )


def _without_sklearn() -> str:
    return say(
        "Without it: convert the file where it was trained, model.convert('model.pkl', 'model.onnx'), and use that.",
        "不安装也可以：在训练它的电脑上转换 model.convert('model.pkl', 'model.onnx')，然后使用 .onnx 文件。",
    )


def _fitting(info: ClassicModelInfo, network: Model) -> ClassicModelInfo:
    """Return what a file says of itself where its tensors agree.

    Raises:
        CheckpointInvalid: They do not (-202).
    """
    shape = network.backend.inputs[0].shape
    labels = LABEL in [spec.name for spec in network.backend.outputs]
    fits = (
        len(shape) == 2 and shape[1] in (None, info.width) and labels == (info.family in ("classification", "cluster"))
    )
    if fits and not any(not 0 <= label < len(info.classes) for label in info.labels if info.classes):
        return info
    raise CheckpointInvalid(
        say(
            f"{network.path.name} is damaged: its metadata contradict its model.",
            f"{network.path.name} 已损坏：它的元数据与模型不一致。",
        ),
        hint=say("Convert the model again with BaseML.", "请用 BaseML 重新转换模型。"),
    )


def _of_others(network: Model, name: str) -> TaskMismatch | CheckpointInvalid:
    if network.info is not None:
        return TaskMismatch(
            say(f"{name} was made by MMEdu, not by BaseML.", f"{name} 由 MMEdu 生成，而不是 BaseML。"),
            hint=say("Use Workflow(task='mmedu', checkpoint=…).", "请使用 Workflow(task='mmedu', checkpoint=…)。"),
        )
    return CheckpointInvalid(
        say(f"{name} does not say that BaseML made it.", f"{name} 不是由 BaseML 转换得到的文件。"),
        hint=say(
            "Convert it with BaseML: model.convert('model.pkl', 'model.onnx'); of BaseNN: task='basenn'; any other: "
            "task='custom'.",
            "请用 BaseML 转换：model.convert('model.pkl', 'model.onnx')；BaseNN 的模型请用 task='basenn'，"
            "其他模型请用 task='custom'。",
        ),
    )


def _check(options: InferenceOptions) -> None:
    """Refuse what models of BaseML do not know."""
    check_no_functions(options)
    if options.bbox is not None:
        raise no_points()
    if options.target_class is not None:
        raise no_parts_of_classes()
    if options.threshold is not None:
        raise ParameterInvalid(
            say("thr is for detectors and classifiers of MMEdu.", "thr 用于 MMEdu 的检测和分类模型。"),
            hint=say("Leave thr out: format_output() has the scores.", "请去掉 thr：format_output() 中有分数。"),
        )


def _plain(values: npt.NDArray[Any]) -> Any:
    """Return Python's own numbers and texts; of 32 bits the digits that they have, not those that 64 bits would add."""
    if values.dtype != np.float32:
        return values.tolist()
    return [_plain(row) for row in values] if values.ndim > 1 else [float(str(value)) for value in values]
