"""LeNet: for handwritten digits and other gray pictures of 32×32. Registers it; ``network`` holds the layers."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.classification.augment import Augment
from MMEdu.models.classification.parts.options import ClassifierOptions
from MMEdu.models.recipe import Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register

register(
    ModelEntry(
        name="LeNet",
        task="classification",
        factory=f"{__name__}.network:LeNet",
        preprocess=Preprocess(size=(32, 32), color="gray", mean=(33.46,), std=(78.87,)),
        # A digit that is mirrored is none, so nothing is varied.
        recipe=Recipe(batch_size=64, schedule=Schedule("step", milestones=(15,)), augment=Augment()),
        reference="LeCun et al. 1998, LeNet-5: tanh, average pooling, 120-84",
        aliases=("LeNet5", "LeNet-5"),
        fixed_size=True,
        order=10,
        options=ClassifierOptions(explain_layer="features.3"),
    )
)
