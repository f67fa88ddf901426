"""Which checkpoint is meant, and keeping one loaded: a loop over pictures reads the file once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from BaseDT.arguments import PathLike, checked_path
from BaseDT.errors import CheckpointNotFound, ClassCountMismatch, NothingLoaded
from BaseDT.escaping import one_line
from BaseDT.files import what_is_at
from BaseDT.language import english, say
from BaseDT.listing import shortened
from MMEdu.engine.events import Listener, Notice
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_for_checkpoint

if TYPE_CHECKING:
    from MMEdu.actions.training_result import TrainingResult
    from MMEdu.weights.loaded_model import LoadedModel


def choose_checkpoint(
    argument: PathLike | None, attribute: PathLike | None, result: TrainingResult | None, save_fold: PathLike | None
) -> PathLike:
    """Choose a checkpoint: the argument, the attribute, what the last run left, the best or latest of a folder.

    Raises:
        CheckpointNotFound: There is none (-102).
    """
    if argument is not None:
        return argument
    if attribute is not None:
        return attribute
    if result is not None:
        return result.best_file or result.latest_file
    if save_fold is not None:
        folder = checked_path("save_fold", save_fold)
        best = max(folder.glob("best_*.pth"), key=lambda file: file.stat().st_mtime_ns, default=None)
        if best is not None or what_is_at(folder / "latest.pth") != "nothing":
            return best or folder / "latest.pth"
    hint = say("Train first, or set model.checkpoint = '....pth'.", "请先训练，或设置 model.checkpoint = '….pth'。")
    raise CheckpointNotFound(
        say("No checkpoint was given, and this model has not been trained.", "没有给出权重文件，该模型也没有训练过。"),
        hint=hint,
    )


@dataclass
class LoadedModelCache:
    """The checkpoint that was loaded last.

    Attributes:
        entry: The model that the user chose.
        model: What is loaded; None before, and after a training.
    """

    entry: ModelEntry
    model: LoadedModel | None = None
    _key: tuple[object, ...] = field(default=(), init=False)
    _names: tuple[str, ...] | None = field(default=None, init=False)
    _announced: tuple[str, ...] = field(default=(), init=False)

    def load(
        self, file: PathLike, device: str, class_path: PathLike | None, *, otherwise: Sequence[str] | None = None
    ) -> LoadedModel:
        """Load a checkpoint, unless it is loaded.

        Args:
            file: The checkpoint.
            device: As in ``train``.
            class_path: What names its classes; None leaves it to the file.
            otherwise: Names for a file whose classes nothing names; None refuses such a file.

        Raises:
            XEduError: The device or the file cannot be used.
        """
        require_for_checkpoint()
        from MMEdu.weights.class_names import names_from
        from MMEdu.weights.loaded_model import identity, load_model

        names = names_from(class_path)
        key = identity(file, device)
        model = self.model
        if model is None or not key or not self._holds(model, key, names, otherwise):  # a loop loads once
            model = load_model(self.entry, file, device, names=names, otherwise=otherwise)
            self.model, self._key, self._names = model, key, names
        return model

    def loaded(self) -> LoadedModel:
        """Return what is loaded.

        Raises:
            NothingLoaded: Nothing is (-602).
        """
        if self.model is None:
            hint = say("Call load_checkpoint(checkpoint=...) first.", "请先调用 load_checkpoint(checkpoint=...)。")
            raise NothingLoaded(say("Nothing is loaded yet.", "还没有载入任何模型。"), hint=hint)
        return self.model

    def clear(self) -> None:
        """Let the loaded model go: a training changes what its file holds."""
        self.model = None

    def names_for(self, key: tuple[object, ...], dataset_classes: Sequence[str]) -> tuple[str, ...]:
        """Return names for a file without any: those that it was loaded with, else those of the loaded data set."""
        if key and self._key == key and self._names is not None:
            return self._names
        return tuple(dataset_classes)

    def announce_names(self, model: LoadedModel, file: PathLike, listener: Listener) -> None:
        """Say, once in a row, how classes are called that neither the file nor the user names."""
        from MMEdu.weights.loaded_model import placeholder_names_text

        if model.named or model.classes in (self._names, self._announced):
            return
        self._announced = model.classes
        listener(Notice(placeholder_names_text(file, model.classes)))

    def _holds(
        self, model: LoadedModel, key: object, names: tuple[str, ...] | None, otherwise: Sequence[str] | None
    ) -> bool:
        """Tell whether what is loaded is this file, with these names."""
        from MMEdu.weights.loaded_model import placeholder_names

        if self._key != key:
            return False
        if model.named or names is not None:
            return names == self._names
        return otherwise is not None and model.classes == placeholder_names(otherwise, len(model.classes))


def check_class_count(num_classes: int, classes: Sequence[str], source: PathLike) -> None:
    """Raise where the user's ``num_classes`` disagrees with a finished model (-306); -1 leaves it to the model."""
    count = len(classes)
    if num_classes in (-1, count):
        return
    names = shortened(map(one_line, classes))
    name = source if isinstance(source, str) else str(source)
    hint = say(f"Leave num_classes out, or set {count}.", f"可以不写 num_classes，或设为 {count}。")
    raise ClassCountMismatch(
        say(
            f"num_classes is {num_classes!r}, but {english(name)} has {count} classes: {english(names)}.",
            f"num_classes 是 {num_classes!r}，而 {name} 有 {count} 个类别：{names}。",
        ),
        hint=hint,
    )
