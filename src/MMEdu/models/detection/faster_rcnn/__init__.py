"""FasterRCNN: two stages, exact and slow. Registers it; ``network`` puts the parts together."""

from MMEdu.models.detection.parts.entry import RCNN_INPUT, RCNN_RECIPE, DetectorOptions
from MMEdu.models.registry import ModelEntry, register

register(
    ModelEntry(
        name="FasterRCNN",
        task="detection",
        factory=f"{__name__}.network:FasterRCNN",
        preprocess=RCNN_INPUT,
        recipe=RCNN_RECIPE,
        reference="Ren et al. 2015, with the feature pyramid of Lin et al. 2017 on ResNet-50",
        order=20,
        aliases=("FastRCNN",),  # the documents' own table has it so
        torchvision="fasterrcnn_resnet50_fpn",
        backbone="ResNet50",
        options=DetectorOptions(two_stage=True),
    )
)
