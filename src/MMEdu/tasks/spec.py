"""``TaskSpec``: what the rest of the project knows of a task, and the protocols of its parts.

A part is named ``"module:attribute"`` and imported when it is used, so that tasks can be listed without loading any.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:  # listing tasks loads neither torch nor numpy
    from BaseDT.dataset.check import Damaged
    from MMEdu.engine.distributed import Group
    from MMEdu.engine.events import Listener
    from MMEdu.engine.plan import Outcome, RunParts
    from MMEdu.models.registry import ModelEntry


@dataclass(frozen=True)
class DemoEntry:
    """The main job of a task, shown on made data: what ``mmedu demo NAME`` runs.

    Attributes:
        name: As the command calls it.
        run: ``"module:function"``: ``(folder, notify, epochs or None) -> MMEdu.demo.ending.Ending``.
        shows: What it does, in a phrase, in English and Chinese.
    """

    name: str
    run: str
    shows: tuple[str, str]


@dataclass(frozen=True)
class TaskSpec:
    """A task and its parts.

    Attributes:
        name: As it stands in checkpoints and exported files, and what it is called in English.
        documented_class: The class that users import, ``"module:Class"``.
        default_folder: Where a training writes if nobody says otherwise, relative to the working directory.
        result_folder: Where drawn predictions go, likewise.
        output_kind: Name of the kind of output (``XEdu.outputs``) that its models give.
        train_arguments: The dataclass of what ``train`` takes.
        predict_arguments: The dataclass of what its prediction takes beyond pictures: thresholds, for instance.
        is_dataset: ``(folder) -> bool``: whether a folder holds this task's kind of data. Torch-free.
        load_data: A ``LoadData``. Torch-free until the data set is read.
        resolve: A ``Resolve``: what the arguments leave open, from recipe and data.
        plan: A ``MakeParts``: network, batches and losses of one process of a run.
        report: A ``WriteReport``: what a training leaves to look at.
        report_meanings: What each file of the report shows: ``{file name: (English, Chinese)}``.
        predictor: ``(loaded model, predict arguments) -> engine.prediction_loop.PicturePredictor``.
        signature: ``(model entry, format) -> export.signature.NetworkSignature``.
        evaluation_set: ``(path or None, loaded data or None) -> export.measurement.EvaluationSet``.
        pictures: ``(data) -> list of pictures``, a few, to check an export with.
        check: A ``CheckDataset``, for ``mmedu check``. Torch-free.
        check_sheet: What the picture of a data set is called that ``check`` draws.
        standalone: The text of a script that runs its exported models without our libraries; empty where there is none.
        features_signature: ``(model entry) -> NetworkSignature`` of ONNX files that ``XEdu.teach`` learns from; empty
            where there are none.
        usual_start: A ``UsualStart``: the model for a training that names none; empty: the first of the list.
        chinese_name: What it is called in Chinese; empty: as in English.
        labelled: ``(loaded data) -> XEdu.evaluation.kind.LabelledSet``: what a model is evaluated on where the user
            names no folder; empty: a folder must be named. How it is judged is its kind of output's.
        demo: Its demo; None: it has none.
        narrower_than: Names of tasks whose kind of data includes this one's: a folder that both recognise is this
            one's.
    """

    name: str
    documented_class: str
    default_folder: str
    result_folder: str
    output_kind: str
    train_arguments: str
    predict_arguments: str
    is_dataset: str
    load_data: str
    resolve: str
    plan: str
    report: str
    report_meanings: str
    predictor: str
    signature: str
    evaluation_set: str
    pictures: str
    check: str
    check_sheet: str = "sheet.png"
    standalone: str = ""
    features_signature: str = ""
    usual_start: str = ""
    chinese_name: str = ""
    labelled: str = ""
    demo: DemoEntry | None = None
    narrower_than: tuple[str, ...] = ()

    def part(self, name: str) -> Any:
        """Import a part by the name of its field."""
        module, _, attribute = str(getattr(self, name)).partition(":")
        return getattr(importlib.import_module(module), attribute)

    def standalone_script(self) -> str:
        """Return the text of ``standalone``; empty where the task has none."""
        return str(self.part("standalone")) if self.standalone else ""


class TaskData(Protocol):
    """A data set in memory: its samples, and the cache of what was decoded. Made by ``load_data``, torch-free."""

    @property
    def root(self) -> Path:
        """The data set's folder."""

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know of how the folder was read."""

    @property
    def fingerprint(self) -> str:
        """Tells whether it is the same data; the place does not count."""

    @property
    def as_loaded(self) -> str:
        """The fingerprint before damaged files were left out: what whoever reads the same folder again finds."""

    @property
    def left_out(self) -> Sequence[Path]:
        """Files that are not used because they are damaged."""

    @property
    def size(self) -> int:
        """Number of training samples."""

    def check(self, emit: Listener) -> tuple[Damaged, ...]:
        """Decode every file once, strictly, keep what training will need, and name the damaged ones."""

    def without(self, paths: Collection[Path]) -> TaskData:
        """The same data less some files; what is cached stays."""

    def would_mix(self, folder: Path) -> bool:
        """Whether pictures that are written into a folder would be read as samples next time."""

    def without_validation(self) -> TaskData:
        """The same data where nobody validates: what was only kept for it is trained on, too; else itself."""

    def suited(self, entry: ModelEntry) -> ModelEntry:
        """The model as these data need it."""

    def prepared_for(self, entry: ModelEntry) -> TaskData:
        """The same data for another input; itself, with all that is cached, where nothing differs."""


LoadData: TypeAlias = "Callable[..., TaskData]"
"""``(entry, path, **further paths) -> TaskData``."""


@dataclass(frozen=True)
class RunContext:
    """What a task's room knows of a run when it makes its parts.

    Attributes:
        entry: The model, with the preprocessing that it is trained with.
        data: The loaded data, prepared for that model.
        arguments: Checked and resolved.
        group: The processes that train together.
        listener: Told of everything.
        starts: Whether weights will be loaded into the fresh network.
    """

    entry: ModelEntry
    data: Any
    arguments: Any
    group: Group
    listener: Listener
    starts: bool


class Resolve(Protocol):
    """Fills in what the user left open; raises ``ParameterInvalid`` where arguments do not fit the data."""

    def __call__(
        self,
        arguments: Any,
        entry: ModelEntry,
        data: Any,
        *,
        starts: bool,
        interrupted: Mapping[str, Any] | None,
    ) -> tuple[Any, list[str]]:
        """Return the arguments, and lines for the user.

        Args:
            arguments: Checked one by one.
            entry: The model.
            data: The loaded data.
            starts: Whether there are weights to start from.
            interrupted: The ``meta`` of the run that is to go on, or None.
        """


MakeParts: TypeAlias = "Callable[[RunContext], RunParts]"


class WriteReport(Protocol):
    """Draws what a run left into its folder."""

    def __call__(self, data: Any, outcome: Outcome, folder: Path) -> tuple[Path, ...]:
        """Return the files that were written."""


@dataclass(frozen=True)
class CheckReport:
    """What ``check`` says of a data set.

    Attributes:
        ok: Whether it can be trained on as it is.
        content: Everything, as plain JSON data.
        table: Rows of cells, the heads first.
        lines: Sentences to print below the table.
    """

    ok: bool
    content: Mapping[str, Any]
    table: Sequence[Sequence[str | int]]
    lines: Sequence[str]


@dataclass(frozen=True)
class Choice:
    """The model that suits a data set.

    Attributes:
        backbone: Its name.
        pretrained: Whether it starts from pretrained weights.
        reason: Why, in a sentence.
    """

    backbone: str
    pretrained: bool
    reason: str


UsualStart: TypeAlias = "Callable[[Path], Choice]"
"""``(folder) -> Choice``: looks at a data set. Torch-free."""


class CheckDataset(Protocol):
    """Reads a data set as training would, decodes every file, and says what is wrong."""

    def __call__(
        self, path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
    ) -> CheckReport:
        """Check the data set below ``path``, and change nothing in it.

        Args:
            path: The folder.
            backbone: A model whose input the pictures are compared with; None compares nothing.
            sheet: Where a picture of the data set may be drawn.
            emit: Told of progress.
            fix: Write the documented text files that are missing; nothing else is ever written into the set.
            deep: The folder of a page that shows near duplicates and what else is suspicious; None does not look.
        """
