"""Which task a training is of: the backbone says it, by its name or in its recipe file."""

from __future__ import annotations

from pathlib import Path

from MMEdu.models import recipe_file
from MMEdu.models import registry as models
from MMEdu.tasks import registry
from MMEdu.tasks.spec import TaskSpec


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
