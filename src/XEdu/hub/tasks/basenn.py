"""``task="basenn"``: networks of BaseNN, laid layer by layer: pictures, rows of numbers, sequences, words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import CheckpointInvalid, ModelUnsupported, ParameterInvalid, TaskMismatch
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.own_network_info import OUTPUT, OwnNetworkInfo, is_own_network
from BaseDT.results import ClassificationResult
from BaseDT.shares import shares_of
from XEdu.hub import network_data, pictures, raw_inference
from XEdu.hub.given_boxes import no_points
from XEdu.hub.prediction import Prediction
from XEdu.hub.target_class import no_parts_of_classes
from XEdu.hub.tasks import InferenceOptions
from XEdu.hub.tasks.functions import check_no_functions
from XEdu.outputs import kind as kinds
from XEdu.outputs.key_names import Vocabulary, translated
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

_KEYS: Vocabulary = {
    "预测值": ("prediction", "прогноз", "Vorhersage", "prédiction"),
    "分数": ("scores", "баллы", "Partituren", "partitions"),
    "预测结果": ("class", "класс", "Klasse", "classe"),
}
"""As the original client has them; the last is ours."""
_ROUNDING = 1e-3
_NUMBERS_AT_ONCE = 1_000_000
"""Of the input: layers hold some times as many."""


@dataclass(frozen=True)
class NetworkPrediction(Prediction):
    """What a network of BaseNN gave: one array for everything that went in.

    Attributes:
        info: What the network says of itself.
    """

    info: OwnNetworkInfo | None = None

    @property
    def rows(self) -> npt.NDArray[Any]:
        """The numbers of each sample, (N, K); of a text of each of its words."""
        output: npt.NDArray[Any] = self.results[0][0]
        return output.reshape(len(output), -1) if output.ndim > 1 else output.reshape(-1, 1)

    def value(self, lang: str = "zh") -> Any:
        """Return a list with the network's one array, as the original does, which is in no language."""
        del lang
        return self.results[0]

    def said(self, lang: str) -> Any:
        """Return by the number of the sample what the network says of it: plain data."""
        return {number: translated(self._of_row(row), lang, _KEYS) for number, row in enumerate(self.rows)}

    def drawn(self, *, enlarge: bool = True) -> Iterator[Pixels]:
        """Give the pictures, one at a time; where the network tells classes, with them.

        Raises:
            TaskMismatch: These data are no pictures (-311).
        """
        if self.info is None or self.info.dataset_type != "img" or not all(self.files):
            raise _no_pictures()
        kind = kinds.find("classification")
        for snapshot, row in zip(self.images, self.rows, strict=True):
            result = self._class_of(row)
            yield pictures.drawn(snapshot.read(), result, None if result is None else kind, enlarge=enlarge)

    def _of_row(self, row: npt.NDArray[Any]) -> dict[str, Any]:
        assert self.info is not None
        if self.info.task == "reg":
            return {"预测值": float(row[0]) if len(row) == 1 else [float(value) for value in row]}
        row = self._shares(row)
        best = int(row.argmax())
        words = {number: word for word, number in self.info.word2idx.items()}
        said = {"预测值": words.get(best, best), "分数": float(row[best])}
        return said if best >= len(self.info.classes) else {**said, "预测结果": self.info.classes[best]}

    def _shares(self, row: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return how sure each class is; the original's files do not tell, and their numbers stay."""
        known = self.info is not None and self.info.tool and self.info.task == "cls"
        return shares_of(row, self.info.scores) if self.info is not None and known else row

    def _class_of(self, row: npt.NDArray[Any]) -> ClassificationResult | None:
        """Return the class of a picture; None where the numbers are no probabilities."""
        if self.info is not None and self.info.scores:
            row = self._shares(row)
        likely = len(row) > 1 and row.min() >= -_ROUNDING and abs(float(row.sum()) - 1) <= _ROUNDING * len(row)
        if self.info is None or self.info.task != "cls" or not likely:
            return None
        names = self.info.classes if len(self.info.classes) == len(row) else tuple(map(str, range(len(row))))
        return ClassificationResult.from_scores(row, names)


@dataclass(frozen=True)
class BaseNNTask:
    """A network of BaseNN."""

    network: Model
    info: OwnNetworkInfo

    @property
    def model(self) -> Model:
        """The network as a classifier of pictures.

        Raises:
            ModelUnsupported: It is none: others are not evaluated on folders (-206).
        """
        if self.network.info is not None:
            return self.network
        raise ModelUnsupported(
            say("This network of BaseNN is no classifier of pictures.", "该 BaseNN 网络不是图像分类网络。"),
            hint=say(
                "Others are judged while they train: metrics=['acc'], and train_val_ratio below 1.",
                "其他网络请在训练时评估：设置 metrics=['acc'] 和小于 1 的 train_val_ratio。",
            ),
        )

    def inference(self, data: Any, options: InferenceOptions) -> Prediction:
        """Run the network once over everything that ``data`` names.

        Raises:
            ParameterInvalid: A value cannot be used (-305).
            TaskMismatch: Boxes, classes or a picture were asked for that there are none of (-311).
            XEduError: The data cannot be read, or do not fit the network.
        """
        _check(options)
        given = network_data.of(data, self.info, self.network.backend.inputs[0])
        prediction = NetworkPrediction([[self._output(given.array)]], list(given.images), given.many, info=self.info)
        if options.draws:
            next(prediction.drawn())  # says at once where there are no pictures
        return prediction

    def _output(self, array: Array) -> Array:
        """Return what the network gives, a part of a large input at a time; words belong together."""
        backend = self.network.backend
        names = [spec.name for spec in backend.outputs]
        place = names.index(OUTPUT) if OUTPUT in names else 0
        step = len(array) if self.info.word2idx else max(1, _NUMBERS_AT_ONCE * len(array) // max(1, array.size))
        parts = [array[start : start + step] for start in range(0, len(array), step)]
        return np.concatenate([backend.run({backend.inputs[0].name: part})[place] for part in parts])


def open_task(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> BaseNNTask:
    """Open the network.

    Raises:
        TaskMismatch: It says that something else made it (-311).
        CheckpointInvalid: It does not say what its data are, or has several inputs (-202).
        XEduError: It cannot be opened.
    """
    network = raw_inference.open_model(checkpoint, providers)
    name = network.path.name
    if network.info is not None and not is_own_network(network.backend.metadata):
        raise TaskMismatch(
            say(f"{name} was made by MMEdu, not by BaseNN.", f"{name} 由 MMEdu 生成，而不是 BaseNN。"),
            hint=say("Use Workflow(task='mmedu', checkpoint=…).", "请使用 Workflow(task='mmedu', checkpoint=…)。"),
        )
    info = OwnNetworkInfo.from_metadata(network.backend.metadata, name)
    if info is None or len(network.backend.inputs) != 1:
        raise CheckpointInvalid(
            say(f"{name} does not say that BaseNN made it.", f"{name} 不是由 BaseNN 转换得到的文件。"),
            hint=say(
                "Convert it with BaseNN: model.convert('basenn.pth'); any other model runs with task='custom'.",
                "请用 BaseNN 转换：model.convert('basenn.pth')；其他模型请使用 task='custom'。",
            ),
        )
    return BaseNNTask(network, info)


def _check(options: InferenceOptions) -> None:
    """Refuse what networks of BaseNN do not know."""
    check_no_functions(options)
    if options.bbox is not None:
        raise no_points()
    if options.target_class is not None:
        raise no_parts_of_classes()
    if options.threshold is not None:
        raise ParameterInvalid(
            say("thr is for detectors and classifiers of MMEdu.", "thr 用于 MMEdu 的检测和分类模型。"),
            hint=say("Leave thr out: the scores are in the result.", "请去掉 thr：结果中有分数。"),
        )


def _no_pictures() -> TaskMismatch:
    return TaskMismatch(
        say("These data are no pictures: there is nothing to draw on.", "这些数据不是图片，无法绘制。"),
        hint=say("Leave img_type and show out.", "请去掉 img_type 和 show。"),
    )
