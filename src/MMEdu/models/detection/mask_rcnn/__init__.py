"""Mask_RCNN: FasterRCNN that also predicts outlines. Registers it; ``network`` and ``mask_head`` hold what is added."""

from MMEdu.models.detection.parts.entry import RCNN_INPUT, RCNN_RECIPE, DetectorOptions
from MMEdu.models.registry import ModelEntry, register

register(
    ModelEntry(
        name="Mask_RCNN",
        task="detection",
        factory=f"{__name__}.network:Mask_RCNN",
        preprocess=RCNN_INPUT,
        recipe=RCNN_RECIPE,
        reference="He et al. 2017, on ResNet-50 with a feature pyramid",
        order=50,
        torchvision="maskrcnn_resnet50_fpn",
        backbone="ResNet50",
        options=DetectorOptions(two_stage=True, masks=True),
    )
)
