"""``Learner``, the documented class: pictures with names go in, answers come out. The mathematics is next door."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.arguments import check_integer, checked_path, documented, invalid
from BaseDT.errors import DatasetNotLoaded, ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.files import write_whole
from BaseDT.language import english, say
from BaseDT.names import composed
from BaseDT.results import ClassificationResult
from XEdu.hub import pictures as hub
from XEdu.teach import held_out
from XEdu.teach.examples import Examples
from XEdu.teach.softmax_regression import Floats, LastLayer, fit
from XEdu.teach.source_model import SourceModel


class Learner:
    """A classifier that learns from pictures as they come. 边看边学的分类器，不需要 torch。

    It keeps a model's backbone, and trains the last layer on what the backbone sees of each picture. Whoever adds a
    picture changes the next answer; classes that came before keep what they know. The pictures themselves are not kept.
    """

    @documented
    def __init__(self, model: str | os.PathLike[str]) -> None:
        """Open the model to start from; its own classes are not taken over.

        Args:
            model: An ONNX file of ``convert(…, features=True)``, or one that ``save`` wrote.

        Raises:
            CheckpointNotFound: There is no such file (-102).
            CheckpointInvalid: It is no model, or one without features (-202).
            ModelUnsupported: It is too new for the runtime that is installed (-206).
        """
        self._source = SourceModel(model)
        self._examples = Examples(self._source.width)
        self._layer: LastLayer | None = None

    def __repr__(self) -> str:
        return f"Learner({quoted(self._source.name)}, {self.counts})"

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of their labels: that in which they came (类别)."""
        return list(self._examples.counts)

    @property
    def counts(self) -> dict[str, int]:
        """How many pictures each class has (每个类别的图片数)."""
        return self._examples.counts

    @documented
    def add(self, name: str, pictures: Any) -> int:
        """Show pictures of a class; the next answer knows them (添加图片).

        Args:
            name: Of the class, an old or a new one.
            pictures: Path, array (BGR, as OpenCV has it), Pillow image, frame of a camera; a folder, or a list of
                these. Of many, those that cannot be read are left out and named.

        Returns:
            How many pictures were added.

        Raises:
            ParameterInvalid: ``name`` is no name (-305).
            ImageNotFound: A picture is missing (-103); likewise -203, -205, -304 for one that cannot be used.
        """
        if not isinstance(name, str) or not name.strip():
            raise invalid("name", name, "the name of a class, e.g. 'cat'", "类别的名称，例如 'cat'")
        features = np.concatenate([rows for _, rows in self._features(pictures)[0]])
        self._examples.add(composed(name), features)
        self._layer = None
        return len(features)

    @documented
    def train(self) -> None:
        """Learn from all pictures so far, in a fraction of a second (训练). ``predict`` does it when it is needed.

        Raises:
            DatasetNotLoaded: There are fewer than two classes (-603).
        """
        examples = self._checked_examples()
        self._layer = fit(examples.features, examples.labels, len(examples.counts))

    @documented
    def predict(self, picture: Any) -> Any:
        """Say which class a picture is of (推理).

        Args:
            picture: As in ``add``.

        Returns:
            ``{'标签': int, '置信度': float, '预测结果': str}``; of a folder or a list a list of these, each with its
            ``'文件名'``.

        Raises:
            DatasetNotLoaded: There are fewer than two classes (-603).
            ImageNotFound: A picture is missing (-103); likewise -203, -205, -304 for one that cannot be used.
        """
        layer, classes = self._trained(), self.classes
        parts, many = self._features(picture)
        results = [
            ClassificationResult.from_scores(scores, classes, file if many else None).to_chinese()
            for files, rows in parts
            for file, scores in zip(files, layer.probabilities(rows), strict=True)
        ]
        return results if many else results[0]

    @documented
    def accuracy(self) -> float:
        """Tell how many pictures are named rightly that were left out of the training, in percent (准确率).

        A fifth of each class is left out at a time, pictures that came one after the other: frames of a camera
        resemble their neighbours, and would be known by these. It still flatters where all pictures of a class were
        taken in one go: take them in several places. The only picture of a class is not judged.

        Raises:
            DatasetNotLoaded: There are fewer than two classes, or none with two pictures (-603).
        """
        examples = self._checked_examples()
        right, judged = held_out.right_and_judged(examples.features, examples.labels)
        if judged:
            return 100 * right / judged
        raise DatasetNotLoaded(
            say("No picture can be left out: no class has two.", "无法留出任何图片：没有一个类别有两张图片。"),
            hint=say("Add more pictures of each class, 5 or more.", "请为每个类别添加更多图片，至少 5 张。"),
        )

    @documented
    def forget(self, name: str | None = None, last: int | None = None) -> int:
        """Forget a class, or the pictures that came last (忘记).

        Args:
            name: Of the class; None means all.
            last: So many pictures, the latest; None means all of the class.

        Returns:
            How many pictures were forgotten; a class without any is gone.

        Raises:
            ParameterInvalid: There is no such class, ``last`` is no number from 1, or neither is given (-305).
        """
        if name is None and last is None:
            hint = say(
                "forget('cat'), forget(last=5), or forget('cat', last=5).", "例如 forget('cat')、forget(last=5)。"
            )
            raise ParameterInvalid(say("forget() was not told what.", "没有告诉 forget() 要忘记什么。"), hint=hint)
        if name is not None and not (isinstance(name, str) and name in self.classes):
            raise _unknown(name, self.classes)
        name = composed(name) if isinstance(name, str) else name
        gone = self._examples.forget(name, None if last is None else check_integer("last", last))
        self._layer = None
        return gone

    @documented
    def save(self, path: str | os.PathLike[str] = "mine.onnx") -> Path:
        """Write a whole model (保存模型), for ``Workflow``, ``BaseDeploy``, and ``Learner`` again.

        Args:
            path: The file; its suffix is completed, its folder made.

        Returns:
            The file.

        Raises:
            DatasetNotLoaded: There are fewer than two classes (-603).
            CheckpointInvalid: The file that the learner started from is gone or has changed (-202).
            PathNotWritable, DiskFull: It cannot be written (-104, -803); an old file stays as it was.
        """
        file = checked_path("path", path)
        if not file.name:
            raise invalid("path", path, "the name of a file, e.g. 'mine.onnx'", "文件名，例如 'mine.onnx'")
        if file.suffix.lower() != ".onnx":
            file = file.with_name(f"{file.name}.onnx")
        write_whole(file, self._source.with_layer(self.classes, self._trained()))
        self._source.notice_written(file)
        return file

    def _features(self, data: Any) -> tuple[list[tuple[list[str], Floats]], bool]:
        """Read pictures and return their features in parts, each with its files' names, and whether they are many."""
        images, many = hub.expand(data)
        reading = self._source.reading
        if not many:
            pixels = reading.of(images[0].source)
            return [([images[0].name], self._source.features([pixels]))], False
        return [
            ([item.name for item, _ in part], self._source.features([pixels for _, pixels in part]))
            for part in hub.readable(images, reading)
        ], True

    def _trained(self) -> LastLayer:
        if self._layer is None:
            self.train()
        assert self._layer is not None  # train has made it, or raised
        return self._layer

    def _checked_examples(self) -> Examples:
        """Return what there is to learn from.

        Raises:
            DatasetNotLoaded: There are fewer than two classes (-603).
        """
        classes = self.classes
        if len(classes) >= 2:
            return self._examples
        found = (
            say(f"one class, '{classes[0]}'", f"一个类别 '{classes[0]}'") if classes else say("no class", "零个类别")
        )
        raise DatasetNotLoaded(
            say(
                f"The learner knows {english(found)}: there is nothing to tell apart.",
                f"学习器只认识{found}，没有可以区分的对象。",
            ),
            hint=say(
                "Add pictures of at least two: learner.add('cat', …), learner.add('other', …).",
                "请至少添加两个类别的图片：learner.add('cat', …)、learner.add('other', …)。",
            ),
        )


def _unknown(name: object, classes: list[str]) -> ParameterInvalid:
    listed = ", ".join(classes) or say("none", "无")
    near = did_you_mean(name, classes) if isinstance(name, str) else ""
    hint = say(f"Classes so far: {listed}.", f"已有的类别：{listed}。")
    return ParameterInvalid(
        say(f"There is no class {quoted(name)}.", f"没有类别 {quoted(name)}。"), hint=f"{near} {hint}".strip()
    )
