"""Which model a training is of, and which task: the user names the model, or the data decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from BaseDT.errors import WeightsUnavailable
from BaseDT.language import english, say
from MMEdu.actions.info import description
from MMEdu.models import recipe_file
from MMEdu.models import registry as models
from MMEdu.requirements import require_train
from MMEdu.tasks import registry
from MMEdu.tasks.spec import Choice, TaskSpec


def usual_start(data: Path, checkpoint: Path | None, folder: Path | None, *, resume: bool) -> Choice:
    """Choose a model for a training that names none: that of the file it starts from, else one that suits the data.

    Where pretrained weights cannot be had, the model starts from scratch.

    Args:
        data: The data set's folder.
        checkpoint: What the training starts from; None for none.
        folder: Where it writes; None for the task's own folder.
        resume: Whether it goes on with the run there.

    Raises:
        DatasetNotFound, DatasetInvalid: The data set cannot be read (-101, -201).
        CheckpointNotFound, CheckpointInvalid: The file cannot be read (-102, -202).
    """
    spec = registry.of_dataset(data)
    file = Path(folder or spec.default_folder, "latest.pth") if resume else checkpoint
    if file is not None and file.is_file() and (backbone := description(file).get("backbone")):
        return Choice(str(backbone), False, say(f"{file} holds a {backbone}.", f"{file} 是 {backbone}。"))
    if not spec.usual_start:
        return Choice(models.names(spec.name)[0], False, "")
    choice: Choice = spec.part("usual_start")(data)
    return _obtained(choice) if choice.pretrained else choice


def _obtained(choice: Choice) -> Choice:
    """Fetch the weights that a choice starts from; without them where they cannot be had."""
    require_train()
    from MMEdu.engine.listeners.console import console
    from MMEdu.weights import catalogue, pretrained
    from XEdu.weights import weights_folder

    try:
        weights_folder.obtain(pretrained.usual(catalogue.entry_of(choice.backbone)), console())
    except WeightsUnavailable as error:
        return replace(
            choice,
            pretrained=False,
            reason=say(f"{english(choice.reason)} {error.message_en}", f"{choice.reason}{error.message}"),
        )
    return choice


def task_of(backbone: str, data: Path) -> TaskSpec:
    """Return the task whose model a backbone is; the default one for a name that no task lists.

    Args:
        backbone: A model's name or a recipe file.
        data: The data set, which decides where several tasks have a model of this name.

    Raises:
        RecipeInvalid: The recipe file cannot be read (-204).
    """
    name = recipe_file.backbone_name(backbone).lower()
    specs = [spec for spec in registry.all_tasks().values() if name in map(str.lower, models.all_names(spec.name))]
    if len(specs) > 1:
        of_data = registry.of_dataset(data)
        return of_data if of_data in specs else specs[0]
    # Classifiers of torchvision are found by names that are not listed; its error names the models there are.
    return specs[0] if specs else registry.find(registry.DEFAULT_TASK)
