"""SimCC_MobileNet: two distributions for every point, along width and height. ``network`` holds the layers."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.pose.augment import POSE_AUGMENT
from MMEdu.models.pose.options import PoseOptions
from MMEdu.models.recipe import PretrainedStart, Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register

register(
    ModelEntry(
        name="SimCC_MobileNet",
        task="pose",
        factory=f"{__name__}.network:simcc_mobilenet",
        preprocess=Preprocess(size=(192, 192), resize="letterbox", pad_value=114),
        recipe=Recipe(
            batch_size=16,
            schedule=Schedule("cosine", warmup_iters=20),
            augment=POSE_AUGMENT,
            bfloat16=True,
            pretrained=PretrainedStart(optimizer="Adam", lr=0.002),
        ),
        reference="Li et al. 2022 (SimCC), on MobileNetV2 (Sandler et al. 2018) with a light pyramid",
        aliases=("SimCC",),
        order=20,
        backbone="MobileNet",
        usually_pretrained=True,
        options=PoseOptions("simcc"),
    )
)
