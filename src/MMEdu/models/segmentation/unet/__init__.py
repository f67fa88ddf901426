"""UNet: for small pictures and for learning from scratch. ``network`` holds its layers."""

from BaseDT.preprocess import Preprocess
from MMEdu.models.recipe import Recipe, Schedule
from MMEdu.models.registry import ModelEntry, register
from MMEdu.models.segmentation.augment import PHOTOGRAPHS
from MMEdu.models.segmentation.pace import FROM_SCRATCH

register(
    ModelEntry(
        name="UNet",
        task="segmentation",
        factory=f"{__name__}.network:unet",
        preprocess=Preprocess(size=(256, 256)),
        recipe=Recipe(
            batch_size=8,
            schedule=Schedule("cosine", warmup_iters=15),
            augment=PHOTOGRAPHS,
            bfloat16=True,
            scratch=FROM_SCRATCH,
        ),
        reference="Ronneberger et al. 2015, U-Net, in a quarter of its width, with stride 2 first, 256",
        multiple=16,
        order=20,
    )
)
