"""``Loadable``: a model with its parameters and its data, before it is trained."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from BaseDT import terminal
from BaseDT.arguments import check_choice, check_number, checked_flag, checked_path, checked_seed, documented, invalid
from BaseDT.errors import InputMismatch, NothingLoaded
from BaseDT.escaping import short_name
from BaseDT.language import english, say
from BaseDT.missing_names import Named
from BaseDT.tabular.arrays import as_rows
from BaseDT.tabular.reading import read_table
from BaseDT.tabular.table import Numbers
from BaseML.algorithms.kind import AlgorithmKind, Family
from BaseML.algorithms.parameters import checked_para, parameters, set_parameters
from BaseML.algorithms.registry import find
from BaseML.data.from_table import of_table
from BaseML.data.loaded import Loaded, Wanted, wanted_by
from BaseML.data.loading import load
from BaseML.samples import Samples, divide
from BaseML.trained import UNKNOWN, Scaling, TrainedModel

Path = str | os.PathLike[str]
Columns = int | str | Sequence[int | str]
_SHOWN = 5


class Loadable(Named):
    """An algorithm with its parameters, and the samples that it is to learn from (算法与数据).

    Attributes:
        algorithm: Its name.
        model: The estimator of scikit-learn.
        x_train: (N, F) numbers, as the user's data have them; the same for ``x_test`` and ``x_val``.
        y_train: (N,) labels or numbers, as the user's data have them; the same for ``y_test`` and ``y_val``.
        scaler: How columns are brought to one scale; None where they are not.
        input_shape: Of what it was trained on.
        demo_input: The first row of that.
        classes: Names of the classes, where labels are words.
    """

    family: ClassVar[Family]
    _holds_out: ClassVar[bool] = True

    def _begin(self, algorithm: str, documented: Mapping[str, Any], para: Mapping[str, Any] | None) -> None:
        """Make the estimator of an algorithm.

        Args:
            algorithm: Its name.
            documented: Arguments of the documented class; those that the algorithm has no use for are passed over.
            para: Parameters of scikit-learn, which win.
        """
        self._kind: AlgorithmKind = find(self.family, algorithm)
        self.algorithm: str = self._kind.name
        self.model: Any = self._kind.make()
        given = {known: documented[name] for name, known in self._kind.documented.items()}
        set_parameters(self._kind, self.model, {**given, **(chosen := checked_para(para))}, chosen)
        self._chosen: set[str] = set(chosen)
        self._trained: TrainedModel | None = None
        self._features: tuple[str, ...] = ()
        self._columns = UNKNOWN
        self.classes: tuple[str, ...] = ()
        self.scaler: Scaling | None = None
        self.input_shape: tuple[int, ...] | None = None
        self.demo_input: npt.NDArray[Any] | None = None
        self._take(Samples(np.empty((0, 0)), np.empty(0), np.empty((0, 0)), np.empty(0)))

    # Data

    @documented
    def load_dataset(
        self,
        X: Any,  # noqa: N803
        y: Any = (),
        type: str | None = None,
        x_column: Columns = (),
        y_column: Columns = (),
        shuffle: bool = True,
        show: bool = False,
        split: bool | None = None,
        scale: bool = False,
    ) -> None:
        """Load samples (载入数据集).

        Args:
            X: The path of a table (CSV, text), an array, lists, a frame.
            y: Labels: an array, a list, a column of a frame; empty where they are columns of ``X``.
            type: ``csv``, ``txt``, ``numpy``, ``pandas`` or ``list``; by default looked up in ``X``.
            x_column: Columns to learn from, by number or name; by default all but the labels.
            y_column: Columns of the labels; by default the last of a table, all of ``y``.
            shuffle: Whether the rows are put in another order, always the same. Where none are held out, they keep
                their own, so that answers stand in the order of the data.
            show: Whether to print the first rows.
            split: Whether a fifth is held out to test with: by default for classes and numbers to estimate.
            scale: Whether every column is brought between 0 and 1 before the algorithm sees it. ``x_train`` and what is
                given to ``inference`` stay as they are.

        Raises:
            DatasetNotFound: There is no such table (-101).
            DatasetInvalid: A cell is missing, or no number; the message names its place (-201).
            ParameterInvalid: There is no such column, or another value cannot be used (-305).
            ParameterUnknown: A keyword is no parameter (-501).
        """
        flags = {"shuffle": shuffle, "show": show, "scale": scale}
        flags = {name: checked_flag(name, value) for name, value in flags.items()}
        held_out = self._holds_out if split is None else checked_flag("split", split)
        loaded = load(X, y, type, x_column, y_column, self._wanted)
        classes = self._wanted == "classes"
        self._take(divide(loaded.x, loaded.y, 0.2 * held_out, classes=classes, in_order=not flags["shuffle"]))
        self._know(loaded, scale=flags["scale"])
        terminal.write_line(self._loaded())
        if flags["show"]:
            self._show()

    @documented
    def load_tab_data(
        self,
        data_path: Path,
        train_val_ratio: float = 1.0,
        shuffle: bool = True,
        random_seed: int = 42,
        y_type: str = "float",
    ) -> tuple[Numbers, npt.NDArray[Any], Numbers | None, npt.NDArray[Any] | None]:
        """Load a table whose last column is the label (载入表格，最后一列为标签).

        Args:
            data_path: CSV, with a line of names or without.
            train_val_ratio: Share of the rows to train with; 1 holds out none.
            shuffle: False holds out the last rows.
            random_seed: Another number gives another division.
            y_type: ``float``, or ``int`` or ``long`` for whole numbers; words stay words.

        Returns:
            x_train, y_train, x_val, y_val; the last two are None where nothing is held out.

        Raises:
            DatasetNotFound, DatasetInvalid, ParameterInvalid, ParameterUnknown: -101, -201, -305, -501.
        """
        ratio = float(check_number("train_val_ratio", train_val_ratio, above=0, most=1))
        number = check_choice("y_type", y_type, ("float", "long", "int"))
        last = not checked_flag("shuffle", shuffle)
        seed = checked_seed("random_seed", random_seed)
        table = read_table(checked_path("data_path", data_path))
        loaded = of_table(table, (), [-1], self._wanted)
        y = loaded.y
        if y is not None and y.dtype.kind in "if":
            y = _of_type(y, number)
        classes = self._wanted == "classes"
        self._take(divide(loaded.x, y, 1 - ratio, seed=seed, classes=classes, last=last, in_order=last))
        self._know(loaded, scale=False)
        held = len(self.x_test) > 0
        return self.x_train, self.y_train, self.x_test if held else None, self.y_test if held else None

    def get_test_data(self) -> tuple[Numbers, npt.NDArray[Any]]:
        """Return the rows that were held out, and their labels (返回测试数据)."""
        return self.x_test, self.y_test

    @documented
    def reverse_scale(self, data: Any) -> Numbers:
        """Return numbers of the model's scale, such as the centres of groups, in that of the data (还原归一化的数据).

        ``x_train`` and ``x_test`` have the scale of the data already, and are returned as they are.

        Raises:
            NothingLoaded: The data were not loaded with ``scale=True`` (-602).
            InputMismatch: There are more or fewer columns (-309).
        """
        if self.scaler is None:
            raise NothingLoaded(
                say("There is no scaling to be undone.", "没有可以还原的归一化。"),
                hint=say(
                    "load_dataset(..., scale=True) brings columns to one scale.",
                    "请使用 load_dataset(..., scale=True)。",
                ),
            )
        if data is self.x_train or data is self.x_test:
            return as_rows("data", data).values
        values = as_rows("data", data).values
        if values.shape[1] != len(self.scaler.least):
            raise InputMismatch(
                say(
                    f"The data have {values.shape[1]} columns, but the scaling {len(self.scaler.least)}.",
                    f"数据有 {values.shape[1]} 列，而归一化有 {len(self.scaler.least)} 列。",
                ),
                hint=say("Give all columns that were learned from.", "请传入训练时的所有列。"),
            )
        return self.scaler.reverse(values)

    # Parameters

    @property
    def para(self) -> dict[str, Any]:
        """The parameters of scikit-learn (算法参数); a dictionary that is assigned sets some of them."""
        return parameters(self.model)

    @para.setter
    def para(self, values: Mapping[str, Any]) -> None:
        self._set(checked_para(values))

    def set_para(self, **kw: Any) -> None:
        """Set parameters of scikit-learn by name (设置算法参数).

        Raises:
            ParameterUnknown: The algorithm has no such parameter (-501).
            ParameterInvalid: A value cannot be used (-305).
        """
        self._set(kw)

    def _set(self, values: Mapping[str, Any]) -> None:
        set_parameters(self._kind, self.model, values)
        self._chosen |= set(values)

    # What is held

    @property
    def _wanted(self) -> Wanted:
        return wanted_by(self.family, self._kind.needs_labels)

    def _take(self, samples: Samples) -> None:
        self.x_train, self.y_train = samples.x_train, samples.y_train
        self.x_test, self.y_test = samples.x_test, samples.y_test
        self.x_val, self.y_val = np.empty((0, 0)), np.empty(0)

    def _know(self, loaded: Loaded, *, scale: bool) -> None:
        """Keep what is known of the rows that were taken."""
        self._features, self._columns = loaded.features, loaded.columns
        self.scaler = Scaling.of(self.x_train) if scale else None
        self.input_shape = tuple(self.x_train.shape)
        self.demo_input = self.x_train[:1]
        for note in loaded.notes:
            terminal.note(note)

    def _loaded(self) -> str:
        train, test = len(self.x_train), len(self.x_test)
        width = self.x_train.shape[1]
        held = say(f", {test} to test with", f"，测试 {test} 行") if test else ""
        return say(
            f"Loaded {train} rows to train with{english(held)}; {width} columns.",
            f"数据集载入成功：训练 {train} 行{held}；{width} 个特征。",
        )

    def _show(self) -> None:
        """Print the first rows."""
        names = tuple(map(short_name, self._features)) or tuple(f"x{column}" for column in range(self.x_train.shape[1]))
        rows = [[f"{value:g}" for value in row] for row in self.x_train[:_SHOWN]]
        if len(self.y_train):
            names = (*names, "y")
            rows = [[*row, str(value)] for row, value in zip(rows, self.y_train[:_SHOWN], strict=True)]
        for line in terminal.table([list(names), *rows]):
            terminal.write_line(line)


def _of_type(y: npt.NDArray[Any], number: str) -> npt.NDArray[Any]:
    """Return labels as ``y_type`` says.

    Raises:
        ParameterInvalid: Fractions would be cut off (-305).
    """
    if number == "float":
        return y.astype(np.float64)
    whole = y.astype(np.int64)
    if not np.array_equal(whole, y):
        raise invalid("y_type", number, "'float': the labels have fractions", " 'float'：标签中有小数")
    return whole
