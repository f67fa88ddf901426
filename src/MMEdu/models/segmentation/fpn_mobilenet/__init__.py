"""FPN_MobileNet: the default segmenter, small and pretrained. ``network`` holds its layers."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.recipe import PretrainedStart, Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register
from MMEdu.models.segmentation.augment import PHOTOGRAPHS
from MMEdu.models.segmentation.pace import FROM_SCRATCH

register(
    ModelEntry(
        name="FPN_MobileNet",
        task="segmentation",
        factory=f"{__name__}.network:fpn_mobilenet",
        preprocess=Preprocess(size=(256, 256)),
        recipe=Recipe(
            batch_size=8,
            schedule=Schedule("cosine", warmup_iters=15),
            augment=PHOTOGRAPHS,
            bfloat16=True,
            scratch=FROM_SCRATCH,
            pretrained=PretrainedStart(optimizer="AdamW", lr=0.001),
        ),
        reference="Kirillov et al. 2019, Panoptic FPN, section 3.1, on MobileNetV2 (Sandler et al. 2018), 256",
        multiple=32,
        order=10,
        backbone="MobileNet",
        usually_pretrained=True,
    )
)
