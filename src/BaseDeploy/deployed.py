"""``DeployedModel``: what ``bd("x.onnx")`` gives. Raw outputs of the runtime, and the results that are in them."""

from __future__ import annotations

import os
import pprint
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from BaseDeploy import inputs
from BaseDeploy.inputs import PreparedPicture
from BaseDeploy.serving import Serving
from BaseDT import terminal
from BaseDT.arguments import checked_flag, checked_name, documented
from BaseDT.errors import CheckpointInvalid, NothingToShow, ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.misplaced import not_callable
from XEdu.hub import pictures, raw_inference
from XEdu.outputs.kind import OutputKind, Placement, Result
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

_BY_SUFFIX = "ort"
_BACKENDS = {name: name for name in (_BY_SUFFIX, "onnxruntime", "ncnn", "openvino", "tensorrt")}
_THRESHOLD = 0.65
"""Where the file says no kind of output, which has its own."""
_DEEPEST = 8
"""Lists in lists that ``print_result`` looks into."""


class RawOutputs(list[Array]):
    """The raw outputs for one picture: a list of arrays that remembers its picture, for ``print_result``.

    Attributes:
        placement: How the input lies on the picture; None where nothing is known of it.
        threshold: Lowest score of a box, or of a class.
        file: How the result names the picture; None for the only one.
    """

    def __init__(self, outputs: list[Array], placement: Placement | None, threshold: float, file: str | None) -> None:
        super().__init__(outputs)
        self.placement, self.threshold, self.file = placement, threshold, file

    def with_arrays(self, arrays: list[Array]) -> RawOutputs:
        """Return other arrays of the same picture: a part of a batch."""
        return RawOutputs(arrays, self.placement, self.threshold, self.file)


class DeployedModel(Serving):
    """An exported model, ready to run. 部署后的模型。

    Attributes:
        classes: Names by label; empty where the file does not tell.
        backend: What runs it.
    """

    def __init__(
        self, path: str | os.PathLike[str], backend: str = "ort", providers: Sequence[str] | None = None
    ) -> None:
        """Open the model; see ``BaseDeploy.load``."""
        required = checked_name("backend", backend, _BACKENDS)
        self._model = Model.load(path, providers=providers)
        raw_inference.refuse_other_codebase(self._model, "BaseDeploy")
        self.backend = self._model.backend.name
        if required not in (_BY_SUFFIX, self.backend):
            hint = say("Leave backend out: the suffix decides.", "请不要传入 backend：由后缀决定。")
            raise ParameterInvalid(
                say(
                    f"{self._model.path.name} runs with {self.backend}, not with {required}.",
                    f"{self._model.path.name} 用 {self.backend} 运行，不用 {required}。",
                ),
                hint=hint,
            )
        self.classes = [] if self._model.info is None else list(self._model.info.classes)
        self._last: RawOutputs | list[RawOutputs] | None = None
        if not self._model.knows_itself:
            terminal.note(raw_inference.missing_metadata(self._model))

    @property
    def files(self) -> list[str]:
        """File names of the pictures of the last ``inference``, in the order of its results (图片文件名)."""
        last = [] if self._last is None else self._last
        return [outputs.file or "" for outputs in ([last] if isinstance(last, RawOutputs) else last)]

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Say how a picture is predicted (-305)."""
        raise not_callable("BaseDeploy", "inference('cat.jpg')")

    def __repr__(self) -> str:
        return f"DeployedModel({str(self._model.path)!r}, backend={self.backend!r})"

    @documented
    def inference(
        self,
        input_data: Any,
        show: bool = False,
        get_img: str | None = None,
        score: float | str | None = None,
        show_path: bool = False,
    ) -> Any:
        """Run the model (推理).

        Args:
            input_data: Path, folder, array (BGR, as OpenCV has it), Pillow image, ``ImageData``, or a list of these;
                a finished tensor, too.
            show: Show the picture with its result, where there is a screen.
            get_img: ``"cv2"`` or ``"pil"``: also return the drawn picture, of its own size.
            score: Lowest score of a box, 0.65 by default. Of a class: a lower one is "none of these" (都不是), label
                -1, in ``print_result`` and on the picture; ``"auto"`` is the score that the validation suggests; by
                default a class is always reported.
            show_path: Results of a classifier name the whole path of each picture's file.

        Returns:
            The raw outputs of the runtime, a list of arrays; of many pictures a list of such lists. With ``get_img``
            ``(raw, picture)``.

        Raises:
            ImageNotFound: A picture is missing (-103); likewise -203, -205, -304 for one that cannot be used.
            ParameterInvalid: A value cannot be used, or ``ImageData`` does not fit the model (-305).
        """
        image_type = pictures.checked_image_type("get_img", get_img)
        threshold = self._threshold if score is None else self._model.checked_threshold("score", score)
        draws = checked_flag("show", show) or image_type is not None
        with_path = checked_flag("show_path", show_path)
        self._last = None  # what fails leaves no older result that could pass for the new one
        if raw_inference.is_tensor(self._model, input_data):
            if draws:
                raise _no_picture()
            self._last = RawOutputs(self._model.run(input_data), None, threshold, None)
            return self._last
        # Decoding in gray is quicker, but nothing coloured can be drawn on it.
        reading = self._model.reading.coloured(draws)
        prepared_pictures, many = inputs.prepare(self._model, input_data, reading=reading, with_path=with_path)
        outputs: list[RawOutputs] = []
        drawn: list[Pixels] = []
        tiles: list[Pixels] = []
        for prepared in prepared_pictures:
            outputs.append(self._run(prepared, threshold))
            result = self._result(outputs[-1]) if draws else None
            if image_type is not None:
                drawn.append(pictures.drawn(prepared.picture, result, self._kind, enlarge=False))
            if show:
                pictures.collect(tiles, pictures.drawn(prepared.picture, result, self._kind))
        self._last = outputs if many else outputs[0]
        if show:
            pictures.show(tiles, [output.file or "" for output in outputs])
        return self._last if image_type is None else (self._last, pictures.handed_out(drawn, image_type, many))

    @documented
    def print_result(self, result: Any = None) -> Any:
        """Print what raw outputs say, and return it (输出结果).

        Args:
            result: What ``inference`` returned, also with ``get_img``; None is the last one.

        Returns:
            ``{'标签': int, '置信度': float, '预测结果': str}`` of one classified picture; a list of
            ``{'标签', '置信度', '坐标', '预测结果'}`` of a detector; of many pictures a list of these.

        Raises:
            NothingToShow: There was no ``inference`` yet (-601).
            CheckpointInvalid: The file does not tell its classes, so that raw outputs are all there is (-202).
            ParameterInvalid: These are no raw outputs (-305).
        """
        outputs = self._last if result is None else result
        if outputs is None:
            hint = say("Call inference(input_data) first.", "请先调用 inference(input_data)。")
            raise NothingToShow(say("There is no result to print yet.", "还没有可以输出的结果。"), hint=hint)
        values = self._in_words(_without_picture(outputs))
        terminal.write_line(pprint.pformat(values, sort_dicts=False, compact=True))
        return values

    @documented
    def diy_inference(self, input_data: Any) -> list[Array]:
        """Run the model on a tensor of your own (自定义推理).

        Args:
            input_data: An array with all axes of the input, or a dict of arrays by the model's inputs.

        Returns:
            The raw outputs.

        Raises:
            ParameterInvalid: It does not fit the model (-305).
        """
        if isinstance(input_data, dict):
            return self._model.backend.run(input_data)
        return self._model.run(input_data.to_tensor() if inputs.is_image_data(input_data) else input_data)

    @property
    def _kind(self) -> OutputKind | None:
        return self._model.kind

    @property
    def _threshold(self) -> float:
        return _THRESHOLD if self._kind is None else self._kind.deploy_threshold

    def _run(self, prepared: PreparedPicture, threshold: float) -> RawOutputs:
        return RawOutputs(self._model.run(prepared.tensor), prepared.placement, threshold, prepared.file)

    def _result(self, outputs: RawOutputs) -> Result | None:
        """Read the outputs for one picture; None where the file does not say what they mean."""
        if self._kind is None:
            return None
        placement = outputs.placement or Placement.of_input()
        result = self._model.result_of(outputs, placement, outputs.threshold)
        return result if outputs.file is None else self._kind.with_file(result, outputs.file)

    def _in_words(self, value: Any, depth: int = 0) -> Any:
        """Return raw outputs, or lists of them, as the plain data that they mean."""
        if self._kind is None:
            raise CheckpointInvalid(
                say(
                    f"{self._model.path.name} does not tell its classes: its raw outputs are all there is.",
                    f"{self._model.path.name} 没有说明类别：只有原始输出。",
                ),
                hint=say(
                    "Convert it with MMEdu, or read the arrays yourself.", "请用 MMEdu 转换模型，或自行读取数组。"
                ),
            )
        if isinstance(value, RawOutputs):
            rows = [value.with_arrays(arrays) for arrays in self._kind.split(value)]
            if len(rows) < 2:
                return self._kind.in_words(self._result(value), "zh")
            return [self._in_words(row) for row in rows]
        if depth > _DEEPEST:  # a list that holds itself
            value = None
        if isinstance(value, (list, tuple)) and value and all(isinstance(part, np.ndarray) for part in value):
            return self._in_words(RawOutputs(list(value), None, self._threshold, None))
        if isinstance(value, (list, tuple)) and all(isinstance(part, (list, tuple)) for part in value):
            return [self._in_words(part, depth + 1) for part in value]
        hint = say("Pass what inference() returned.", "请传入 inference() 的返回值。")
        raise ParameterInvalid(
            say(
                f"print_result got {type(value).__name__}, which is no raw output.",
                f"print_result 收到了 {type(value).__name__}，它不是原始输出。",
            ),
            hint=hint,
        )


def _without_picture(value: Any) -> Any:
    """Return the raw outputs of what ``inference`` gave with ``get_img``; anything else stays as it is."""
    pair = isinstance(value, tuple) and len(value) == 2
    return value[0] if pair and _is_raw(value[0]) and not _is_raw(value[1]) else value


def _is_raw(value: object) -> bool:
    return isinstance(value, RawOutputs) or (
        isinstance(value, list) and all(isinstance(part, RawOutputs) for part in value)
    )


def _no_picture() -> ParameterInvalid:
    return ParameterInvalid(
        say("A finished tensor has no picture to draw on.", "处理好的张量没有可以绘制的图片。"),
        hint=say("Leave out show and get_img, or give the picture.", "请去掉 show 和 get_img，或传入图片。"),
    )
