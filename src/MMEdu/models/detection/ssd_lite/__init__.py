"""SSD_Lite and SSD_EfficientNet_Lite0: the smallest detectors, for boards. ``network`` holds layers and losses."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.detection.augment import SSD_AUGMENT
from MMEdu.models.detection.parts.entry import DetectorOptions
from MMEdu.models.recipe import PretrainedStart, Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register

_RECIPE = Recipe(
    batch_size=16,
    schedule=Schedule("cosine", warmup_iters=100),
    augment=SSD_AUGMENT,
    bfloat16=True,
    pretrained=PretrainedStart(optimizer="AdamW", lr=0.001),
)

register(
    ModelEntry(
        name="SSD_Lite",
        task="detection",
        factory=f"{__name__}.network:ssd_lite",
        preprocess=Preprocess(size=(320, 320)),
        recipe=_RECIPE,
        reference="Sandler et al. 2018, section 6.2: SSDLite on MobileNetV2, 320",
        order=10,
        backbone="MobileNet",
        usually_pretrained=True,
        options=DetectorOptions(),
    )
)
register(
    ModelEntry(
        name="SSD_EfficientNet_Lite0",
        task="detection",
        factory=f"{__name__}.network:ssd_efficientnet_lite0",
        preprocess=Preprocess(size=(320, 320), mean=(127.0, 127.0, 127.0), std=(128.0, 128.0, 128.0)),
        recipe=_RECIPE,
        reference="Sandler et al. 2018, section 6.2: SSDLite, on EfficientNet-Lite0 (Tan & Le 2019), 320",
        order=15,
        backbone="EfficientNet_Lite0",
        usually_pretrained=True,
        options=DetectorOptions(),
    )
)
