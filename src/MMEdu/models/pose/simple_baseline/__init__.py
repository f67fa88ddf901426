"""SimpleBaseline_MobileNet: a heat map for every point. ``network`` holds the layers."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.pose.augment import POSE_AUGMENT
from MMEdu.models.pose.options import PoseOptions
from MMEdu.models.recipe import PretrainedStart, Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register

register(
    ModelEntry(
        name="SimpleBaseline_MobileNet",
        task="pose",
        factory=f"{__name__}.network:simple_baseline_mobilenet",
        preprocess=Preprocess(size=(192, 192), resize="letterbox", pad_value=114),
        recipe=Recipe(
            batch_size=16,
            schedule=Schedule("cosine", warmup_iters=20),
            augment=POSE_AUGMENT,
            bfloat16=True,
            pretrained=PretrainedStart(optimizer="Adam", lr=0.002),
        ),
        reference="Xiao et al. 2018 (heat maps at stride 4), on MobileNetV2 (Sandler et al. 2018) with a light pyramid",
        aliases=("SimpleBaseline",),
        order=10,
        backbone="MobileNet",
        usually_pretrained=True,
        options=PoseOptions("heatmaps"),
    )
)
