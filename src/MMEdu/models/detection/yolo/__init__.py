"""Yolov3 and its light form, Yolov3_MobileNet. Registers them; ``network`` holds layers and losses."""

from dataclasses import replace

from BaseDT.preprocess import Preprocess
from MMEdu.models.detection.augment import SSD_AUGMENT
from MMEdu.models.detection.parts.entry import MEAN_GRAY, DetectorOptions
from MMEdu.models.recipe import Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register

_RECIPE = Recipe(
    batch_size=8,
    schedule=Schedule("cosine", warmup_iters=100),
    augment=replace(SSD_AUGMENT, multi_scale=(0.75, 1.0), mosaic=0.5),
    bfloat16=True,
    clip_norm=35.0,
)

register(
    ModelEntry(
        name="Yolov3",
        task="detection",
        factory=f"{__name__}.network:yolov3",
        preprocess=Preprocess(size=(416, 416), resize="letterbox", mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0)),
        recipe=_RECIPE,
        reference="Redmon & Farhadi 2018, YOLOv3 on Darknet-53, 416",
        aliases=("YOLO",),
        order=30,
        options=DetectorOptions(),
    )
)
register(
    ModelEntry(
        name="Yolov3_MobileNet",
        task="detection",
        factory=f"{__name__}.network:yolov3_mobilenet",
        preprocess=Preprocess(size=(416, 416), resize="letterbox", pad_value=MEAN_GRAY),
        recipe=_RECIPE,
        reference="Redmon & Farhadi 2018, YOLOv3 on MobileNetV2, 416",
        aliases=("Yolov3_Lite",),
        order=40,
        backbone="MobileNet",
        options=DetectorOptions(),
    )
)
