"""SSD_Lite: the smallest detector, for boards. Registers it; ``network`` holds layers and losses."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.detection.augment import SSD_AUGMENT
from MMEdu.models.detection.parts.entry import DetectorOptions
from MMEdu.models.recipe import Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register

register(
    ModelEntry(
        name="SSD_Lite",
        task="detection",
        factory=f"{__name__}.network:ssd_lite",
        preprocess=Preprocess(size=(320, 320)),
        recipe=Recipe(batch_size=16, schedule=Schedule("cosine", warmup_iters=100), augment=SSD_AUGMENT, bfloat16=True),
        reference="Sandler et al. 2018, section 6.2: SSDLite on MobileNetV2, 320",
        order=10,
        backbone="MobileNet",
        options=DetectorOptions(),
    )
)
