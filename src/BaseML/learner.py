"""``baseml``: what the four documented classes share. Two models are two models."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from BaseDT import terminal
from BaseDT.arguments import checked_flag, checked_path, documented, invalid
from BaseDT.errors import MethodUnsupported, NothingLoaded, TaskMismatch
from BaseDT.language import say
from BaseDT.tabular.arrays import as_rows
from BaseML.algorithms.kind import FAMILY_WORDS
from BaseML.answering import answer, known_groups, rows_for
from BaseML.data.again import rows_of_file
from BaseML.data.from_memory import target_of
from BaseML.fitting import beforehand
from BaseML.loadable import Loadable
from BaseML.samples import divide, no_data
from BaseML.trained import TrainedModel
from BaseML.training import Training, train
from BaseML.true_labels import numbered
from BaseML.validation import Validated, validate

if TYPE_CHECKING:
    from BaseDT.image import Pixels

Path = str | os.PathLike[str]


class baseml(Loadable):  # noqa: N801 - the documents' name
    """A model that is loaded with data, trained, asked, drawn, saved (机器学习模型)."""

    def __init__(self) -> None:
        raise MethodUnsupported(
            say("baseml is what the models have in common.", "baseml 是各类模型的公共部分，不能直接使用。"),
            hint=say(
                "Use Classification, Regression, Cluster or DimentionReduction.",
                "请使用 Classification、Regression、Cluster 或 DimentionReduction。",
            ),
        )

    # Training

    def _train(self, share: float, settings: Mapping[str, Any]) -> None:
        """Train with ``x_train`` and ``y_train``.

        Args:
            share: Of the rows that are held out to score the model with; 0 for none.
            settings: Parameters of the estimator.
        """
        if not len(self.x_train):
            raise no_data()
        x, y = as_rows("x_train", self.x_train).values, self.y_train if len(self.y_train) else None
        if share:
            parts = divide(x, y, share, seed=0, classes=self._wanted == "classes")
            x, y, self.x_val, self.y_val = parts.x_train, parts.y_train, parts.x_test, parts.y_test
        _tell(beforehand(self._kind, self.model, x))
        known = (self._features, self.scaler is not None, settings, self._chosen, self._columns)
        done = train(Training(self._kind, self.model, x, y, *known))
        self._adopt(done.model)
        _tell(done.notes)

    def _adopt(self, trained: TrainedModel) -> None:
        """Become a trained model."""
        self._trained, self._kind = trained, trained.kind
        self.algorithm, self.model, self.scaler = trained.kind.name, trained.estimator, trained.scaling
        self.classes, self._features, self._columns = trained.classes, trained.features, trained.columns
        self.input_shape, self.demo_input = trained.input_shape, trained.demo_input

    # Answers

    @documented
    def inference(self, data: Any = None, verbose: bool = True) -> npt.NDArray[Any]:
        """Answer for rows (推理).

        Args:
            data: Rows as they were trained with: an array, lists, a frame; by default those that were held out, or
                those that it was trained with.
            verbose: Whether a grouping prints its groups.

        Returns:
            (N,): labels, words where labels were words; numbers that are estimated; groups. (N, K) for fewer numbers.

        Raises:
            NothingLoaded: It is not trained yet, or there are no rows (-602).
            InputMismatch: The rows have other columns than those that it was trained with (-309).
            MethodUnsupported: The algorithm knows only the rows that it was trained on (-405).
        """
        checked_flag("verbose", verbose)
        model = self._ready()
        if data is None and not model.kind.predicts_new:
            return known_groups(model)
        rows = rows_for(model, self._rows_by_default("inference(data)") if data is None else data)
        found = answer(model, rows)
        return model.named(found) if model.kind.family == "classification" else found

    @documented
    def valid(
        self, path: Path | None = None, x: Any = None, y: Any = None, metrics: str | None = None
    ) -> tuple[float, npt.NDArray[Any]]:
        """Score the model (验证模型), and print the score.

        Args:
            path: A table: its columns are found by the names that they had, or by their numbers.
            x: Rows, in place of a file; by default those that were held out.
            y: Their labels.
            metrics: ``accuracy`` (``acc``), ``precision``, ``recall``, ``f1``, ``auc`` of classes; ``r2``, ``mse``,
                ``mae`` of numbers; ``silhouette_score``, ``calinski_harabasz_score``, ``davies_bouldin_score`` of
                groups. By default the first.

        Returns:
            The score (shares from 0 to 1), and what the model said.

        Raises:
            MetricUnsupported: The score is none of this family's (-307).
            NothingLoaded, DatasetNotLoaded: It is not trained yet; there is nothing to score it with (-602, -603).
        """
        model = self._ready()
        if path is not None and x is None:
            x, y = rows_of_file(model, checked_path("path", path), self._wanted)
        elif x is None:
            x, y = (self.x_test, self.y_test) if self._holds_out else (self.x_train, self.y_train)
        done = validate(model, x, y, metrics)
        self._say_score(done)
        return done.score, done.answers

    def _say_score(self, done: Validated) -> None:
        terminal.write_line(done.sentence)
        _tell(done.notes)

    def _rows_by_default(self, call: str) -> npt.NDArray[Any]:
        """Return the rows that were held out, else those that were learned from; ``call`` is how others are given."""
        rows = self.x_test if self._holds_out and len(self.x_test) else self.x_train
        if not len(rows):
            raise NothingLoaded(
                say("There are no rows: a model's file has none.", "没有数据：模型文件中不含数据。"),
                hint=say(
                    f"Give some: {call}; or load_dataset(...).", f"请传入数据：{call}；或调用 load_dataset(...)。"
                ),
            )
        return rows

    def _shown(self, call: str, x: Any, y: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
        """Return the rows that a picture shows, and what they are."""
        model = self._ready()
        if x is not None:
            rows, target = x, target_of(y, self._wanted)
        else:
            rows = self._rows_by_default(f"{call}(X=..., y_true=...)")
            known = self.y_test if rows is self.x_test else self.y_train
            target = known if len(known) else None
        if target is not None and self._wanted == "classes":
            labels = numbered(model, target)
            _tell(labels.notes)
            target = labels.values
        return rows_for(model, rows), target

    def _ready(self) -> TrainedModel:
        if self._trained is not None:
            return self._trained
        raise NothingLoaded(
            say(f"{self.algorithm} is not trained yet.", f"{self.algorithm} 还没有训练。"),
            hint=say(
                "Call train() first, or load(...) a saved model.", "请先调用 train()，或用 load(...) 载入已保存的模型。"
            ),
        )

    # Files

    @documented
    def save(self, path: Path = "checkpoint.pkl") -> None:
        """Write the trained model (保存模型).

        Raises:
            NothingLoaded: It is not trained yet (-602).
            PathNotWritable: The file cannot be written (-104).
        """
        from BaseML.files import model_file

        file = checked_path("path", path)
        model_file.write(self._ready(), file)
        terminal.write_line(say(f"Saved: {file}", f"模型已保存：{file}"))

    @documented
    def load(self, path: Path) -> None:
        """Read a trained model, of ours or of the original (载入模型). Nothing in the file is run.

        Raises:
            CheckpointNotFound, CheckpointInvalid, ModelUnsupported: -102, -202, -206.
            TaskMismatch: It was made by another class, e.g. a regression (-311).
        """
        from BaseML.files import model_file

        trained = model_file.read(checked_path("path", path))
        if trained.kind.family != self.family:
            name = type(self).__name__
            raise TaskMismatch(
                say(
                    f"The file holds {trained.kind.name}, a model of {trained.kind.family}, not one of {name}.",
                    f"文件中是{FAMILY_WORDS[trained.kind.family][1]}模型 {trained.kind.name}，不能用 {name} 载入。",
                ),
                hint=say("Load it with the class that saved it.", "请用保存它的类载入。"),
            )
        self._adopt(trained)

    @documented
    def convert(
        self,
        checkpoint: Path | None = None,
        out_file: Path = "convert_model.onnx",
        opset_version: int = 10,
        ir_version: int = 6,
    ) -> None:
        """Write the model as ONNX, which runs without scikit-learn (转换为 ONNX), and a sample script beside it.

        The scaling of the data is a part of it. ``Workflow(task='baseml')`` runs the file.

        Args:
            checkpoint: A saved model; None takes this one.
            out_file: Where to.
            opset_version: Of ONNX, 10 to 20: old runtimes on boards take 10.
            ir_version: Of ONNX: old runtimes on boards take 6.

        Raises:
            NothingLoaded: It is not trained yet (-602).
            ExportFailed: The algorithm cannot answer for new data (-806).
            ExportDiffers: The file does not answer as the model does (-807); nothing is written.
            ParameterInvalid: The versions cannot be written (-305).
            DependencyMissing: onnx is not installed (-502).
        """
        from BaseML.export import onnx
        from BaseML.files import model_file

        file = checked_path("out_file", out_file)
        if not file.name:
            raise invalid("out_file", out_file, "the path of a file, e.g. 'model.onnx'", "文件路径，例如 'model.onnx'")
        model = self._ready() if checkpoint is None else model_file.read(checked_path("checkpoint", checkpoint))
        rows = self.x_train if checkpoint is None else None
        written = onnx.convert(model, file, opset=opset_version, ir=ir_version, rows=rows)
        terminal.write_line(say(f"Converted: {written}", f"模型已转换：{written}"))

    # Pictures

    @documented
    def plot(
        self,
        X: Any = None,  # noqa: N803
        y_true: Any = None,
        *,
        show: bool = True,
        save: Path | None = None,
    ) -> Pixels:
        """Draw what the model learned (绘制模型): regions, a tree, weights, a line, groups, a map.

        Args:
            X: Rows; by default those that were held out, or those that it was trained with.
            y_true: What they are.
            show: Show it where there is a place: a notebook or a desktop.
            save: Also write the picture to this file.

        Returns:
            The picture, H×W×3 uint8, BGR.

        Raises:
            NothingLoaded: It is not trained yet (-602).
            ClassCountMismatch: KNN and SVM are drawn with two columns (-306).
            MethodUnsupported: There is no such picture of this algorithm (-405).
            DependencyMissing: matplotlib is not installed (-502).
        """
        from BaseML.looking import plots

        return plots.plot(self._ready(), *self._shown("plot", X, y_true), show=show, save=save)

    @documented
    def metricplot(
        self,
        X: Any = None,  # noqa: N803
        y_true: Any = None,
        *,
        show: bool = True,
        save: Path | None = None,
    ) -> Pixels:
        """Draw how good the model is (绘制评价图): what it confuses, how far it is off, how apart its groups are.

        Arguments, result and errors as those of ``plot``.
        """
        from BaseML.looking import plots

        return plots.metricplot(self._ready(), *self._shown("metricplot", X, y_true), show=show, save=save)


def _tell(notes: Iterable[str]) -> None:
    for note in notes:
        terminal.note(note)
