"""``Workflow``: the documented class. It checks what the user gave; tasks do the work."""

from __future__ import annotations

import os
import pprint
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from BaseDT import image, terminal
from BaseDT.arguments import checked_flag, checked_path, checked_rejection, documented
from BaseDT.errors import NothingToShow
from BaseDT.image import ImageSource, Pixels
from BaseDT.language import say
from BaseDT.misplaced import not_callable
from XEdu.hub import pictures, tasks
from XEdu.hub.prediction import Prediction
from XEdu.outputs import key_names


class Workflow:
    """Runs an exported model, or a task that needs none: data in, result out. 运行转换后的模型或内置任务。

    The format is known by the suffix: ``.onnx``, ``.ncnn.param``, ``.xml``, ``.engine``.

    Several threads may call ``inference`` at a time; each gets its own result. OpenVINO and TensorRT run one picture at
    a time. ``format_output``, ``show``, ``save`` and ``files`` speak of the last result of the thread that calls them;
    in a thread that called no ``inference``, of whichever came last.
    """

    @documented
    def __init__(
        self,
        task: str | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        download_path: str | os.PathLike[str] | None = None,
        *,
        providers: Sequence[str] | None = None,
    ) -> None:
        """Open a model.

        Args:
            task: ``"mmedu"``: a model that MMEdu exported; ``"basenn"``, ``"baseml"``: of these modules; ``"custom"``:
                any model, with functions of your own. Tasks that need no model: ``"det_face"``, ``"pose_hand21"``,
                ``"ocr"`` …; ``support_task()`` lists them.
            checkpoint: The model's file; a task that needs none takes none.
            download_path: Of the documents; it is not needed.
            providers: Of onnxruntime, the best one first, e.g. ``["TensorrtExecutionProvider"]``; None is the CPU.

        Raises:
            TaskUnknown: There is no such task (-312).
            TaskMismatch: The model was made for another task, or the task needs none (-311).
            WeightsUnavailable: The weights of a task are not here and cannot be fetched (-107).
            CheckpointNotFound: There is no such file (-102).
            CheckpointInvalid: The file is no model, or not whole (-202).
            ModelUnsupported: It is too new for the runtime, or for the mmedu, that is installed (-206).
            DependencyMissing: Its runtime is not installed (-502).
            DeviceUnavailable: A provider is not on this machine (-301).
        """
        self._task = tasks.open_task(task, checkpoint, providers)
        self._latest: Prediction | None = None
        self._of_thread = threading.local()
        if download_path is not None:
            _note_download_path(tasks.has_weights(task))
        self.task = str(task).lower()
        self.checkpoint = checkpoint

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Say how a picture is predicted (-305)."""
        raise not_callable("Workflow", "inference(data='cat.jpg')")

    def __repr__(self) -> str:
        return f"Workflow(task={self.task!r}, checkpoint={str(self.checkpoint)!r})"

    @classmethod
    def support_task(cls) -> list[str]:
        """List the names of the tasks (列出支持的任务)."""
        return tasks.names()

    @property
    def files(self) -> list[str]:
        """File names of the pictures of the last ``inference``, in the order of its results (图片文件名)."""
        return self._last().files

    @property
    def keypoints(self) -> Any:
        """Points of the last ``inference`` as an array (关键点坐标数组).

        (N, K, 2) of x, y in pixels: N hands, faces or persons with K points each; of many pictures a list of these.

        Raises:
            NothingToShow: There was no ``inference`` yet (-601).
            TaskMismatch: The task finds no points (-311).
        """
        return self._last().keypoints()

    @documented
    def inference(
        self,
        data: Any = None,
        show: bool = False,
        img_type: str | None = None,
        thr: float | str | None = None,
        *,
        bbox: Any = None,
        target_class: str | Sequence[str] | None = None,
        preprocess: Callable[..., Any] | None = None,
        postprocess: Callable[..., Any] | None = None,
    ) -> Any:
        """Run the model (推理).

        Args:
            data: Path, array (BGR, as OpenCV has it), Pillow image, frame of a video; a folder, or a list of these.
                With ``task="custom"`` whatever ``preprocess`` takes; with ``"basenn"``, ``"baseml"`` rows of numbers,
                tables, sequences, a text.
            show: Show the picture with its results, where there is a screen.
            img_type: ``"cv2"`` or ``"pil"``: also return the drawn picture, of its own size, as BGR array or Pillow
                image. Small pictures are shown and saved larger.
            thr: Lowest score of a box, 0.3 by default. Of a class: a lower one is answered with label -1, "none of
                these" (都不是); ``"auto"`` is the score that the validation after the training suggests; by default a
                class is always reported.
            bbox: Where the objects are whose points are wanted, where they need not be found: x1, y1, x2, y2 in pixels,
                a result of a detector, or several of these.
            target_class: Only what is of this class, or of one of these, e.g. ``"person"``.
            preprocess: ``task="custom"``: ``f(data)`` → tensor, or dict of tensors by input.
            postprocess: ``task="custom"``: ``g(outputs, preprocessed)`` → result.

        Returns:
            Of a classifier ``{'标签': int, '置信度': float, '预测结果': str}``; of a detector a list of
            ``{'标签', '置信度', '坐标': {'x1', 'y1', 'x2', 'y2'}, '预测结果'}``, of points also
            ``'关键点坐标'`` and ``'分数'``; of many pictures a list of these. Of ``"basenn"`` and ``"baseml"`` arrays.
            With ``img_type`` ``(result, picture)``.

        Raises:
            ImageNotFound: A picture is missing (-103); likewise -203, -205, -304 for one that cannot be used.
            ParameterInvalid: A value cannot be used (-305).
            ParameterUnknown: There is no such parameter (-501).
        """
        image_type = pictures.checked_image_type("img_type", img_type)
        showing, threshold = checked_flag("show", show), None if thr is None else checked_rejection("thr", thr)
        options = tasks.InferenceOptions(
            threshold,
            showing,
            image_type is not None,
            bbox=bbox,
            target_class=target_class,
            preprocess=preprocess,
            postprocess=postprocess,
        )
        self._keep(None)  # what fails leaves no older result that could pass for the new one
        prediction = self._task.inference(data, options)
        self._keep(prediction)
        if showing:
            pictures.show(prediction.to_show(), prediction.files)
        if image_type is None:
            return prediction.value()
        drawn = list(prediction.drawn(enlarge=False))
        return prediction.value(), pictures.handed_out(drawn, image_type, prediction.many)

    @documented
    def evaluate(
        self,
        path: str | os.PathLike[str],
        *,
        thr: float | str | None = None,
        save_fold: str | os.PathLike[str] | None = None,
        isprint: bool = True,
    ) -> dict[str, Any]:
        """Tell how good the model is on pictures whose content is known (评估模型).

        Args:
            path: Class folders, an ImageNet-style set or tables of labels for a classifier; for a detector a set in
                COCO's layout, VOC, YOLO or LabelMe. Of a set that is divided the test pictures are taken, else those
                for validation.
            thr: As in ``inference``.
            save_fold: Where the report is written, a folder that is not there yet; None makes one in ``eval_result``.
            isprint: Whether the result is printed.

        Returns:
            Everything as plain data: shares are from 0 to 1, None where nothing can be said. docs/evaluate.md lists it.

        Raises:
            ModelUnsupported: Models of this kind cannot be evaluated (-206).
            CheckpointInvalid: The model tells nothing of itself, or the task is ``"custom"`` (-202).
            DatasetNotFound, DatasetInvalid, AnnotationMissing: The folder cannot be used (-101, -201, -701).
            ClassCountMismatch: The model knows none of its classes (-306).
            PathExists: There is something in ``save_fold`` (-105).
            ParameterInvalid: A value cannot be used (-305).
        """
        printing = checked_flag("isprint", isprint)
        from XEdu.evaluation.run import evaluate  # late: most programs only predict

        model = self._task.model
        evaluation = evaluate(model, path, threshold=model.checked_threshold("thr", thr), save_fold=save_fold)
        for line in evaluation.text if printing else ():
            terminal.write_line(line)
        return dict(evaluation.content)

    @documented
    def format_output(self, lang: str = "zh", isprint: bool = True) -> Any:
        """Return the last result in a language, and print it (格式化输出).

        Args:
            lang: ``zh``, ``en``, ``ru``, ``de`` or ``fr``.
            isprint: Whether to print it.

        Raises:
            NothingToShow: There was no ``inference`` yet (-601).
            ParameterInvalid: There is no such language (-305).
        """
        values = self._last().said(key_names.checked_language(lang))
        if checked_flag("isprint", isprint):
            terminal.write_line(pprint.pformat(values, sort_dicts=False, compact=True))
        return values

    @documented
    def features(self, upright: bool = False) -> npt.NDArray[np.float32]:
        """Return numbers to learn gestures and postures from, of the last result's hands or persons (关键点特征).

        Place and size are left out, and left hands are mirrored: twenty pictures of each gesture are enough.

        Args:
            upright: Also leave out how a hand or person is turned.

        Returns:
            (N, F) float32: a row for each hand or person, in the order of the result; of many pictures one behind the
            other. Nobody found: no row.

        Raises:
            NothingToShow: There was no ``inference`` yet (-601).
            TaskMismatch: The results have no keypoints (-311).
            ParameterInvalid: ``upright`` is neither True nor False (-305).
        """
        return self._last().features(checked_flag("upright", upright))

    @documented
    def show(self, img: ImageSource | None = None) -> None:
        """Show a picture in the notebook or on the desktop; never waits (显示图片).

        Args:
            img: What ``inference`` returned with ``img_type``; None draws the last result.

        Raises:
            NothingToShow: There was no ``inference`` yet, or the file of a picture has changed since (-601).
        """
        prediction = self._last()
        pictures.show(prediction.to_show() if img is None else prediction.to_look_at(_read(img)), prediction.files)

    @documented
    def save(self, img: ImageSource | None = None, path: str | os.PathLike[str] = "result.jpg") -> Path | list[Path]:
        """Write a picture (保存图片); missing folders are made.

        Args:
            img: What ``inference`` returned with ``img_type``; None draws the last result. Of many pictures the list:
                their files get numbers.
            path: Where; its suffix chooses the format.

        Returns:
            The path; of many pictures the list of theirs.

        Raises:
            NothingToShow: There was no ``inference`` yet, or the file of a picture has changed since (-601).
            PathNotWritable: It cannot be written (-104).
            ImageUnsupported: No picture is written with this suffix (-203).
        """
        prediction = self._last()
        target = checked_path("path", path)
        images = None if img is None else _read(img)
        drawn = prediction.drawn() if images is None else prediction.to_look_at(images)
        count = len(prediction.images if images is None else images)
        paths = [target.with_stem(f"{target.stem}_{number}") for number in range(count)] if count != 1 else [target]
        written = [image.write(file, picture) for file, picture in zip(paths, drawn, strict=True)]
        return written if count != 1 else written[0]

    def _keep(self, prediction: Prediction | None) -> None:
        self._of_thread.prediction = self._latest = prediction

    def _last(self) -> Prediction:
        """Return this thread's last result; a thread that has made none gets the last one of all."""
        prediction: Prediction | None = getattr(self._of_thread, "prediction", self._latest)
        if prediction is None:
            hint = say("Call inference(data=...) first.", "请先调用 inference(data=...)。")
            raise NothingToShow(say("There is no result yet.", "还没有结果。"), hint=hint)
        return prediction


def _note_download_path(has_weights: bool) -> None:
    if not has_weights:
        text = "download_path is not needed: nothing is downloaded."
        terminal.note(say(text, "无需 download_path：本软件不下载任何文件。"))
        return
    from BaseDT.folders import weights_folder

    folder = weights_folder()
    terminal.note(
        say(
            f"download_path is not needed: the weights lie in {folder} (MMEDU_HOME).",
            f"无需 download_path：权重保存在 {folder}（由 MMEDU_HOME 指定）。",
        )
    )


def _read(img: Any) -> list[Pixels]:
    return [image.read(item) for item in (img if isinstance(img, (list, tuple)) else [img])]
