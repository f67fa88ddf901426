"""What there is to say about a whole data set in COCO's layout. Only ``coco`` calls it; nothing is read here."""

from __future__ import annotations

from collections.abc import Iterator

from BaseDT.dataset.coco_samples import CocoDataset
from BaseDT.language import say

_SHOWN = 5


def notes_on(data: CocoDataset, *, with_masks: bool) -> Iterator[str]:
    """Say what cannot be learned, what cannot be measured and, where masks are needed, which are not there."""
    yield from _without_training(data)
    yield from _without_measure(data)
    if with_masks:
        yield from _without_masks(data)


def _without_training(data: CocoDataset) -> Iterator[str]:
    """Name the classes that cannot be learned."""
    unseen = [name for name, number in zip(data.classes, data.counts("train"), strict=True) if not number]
    if unseen:
        listed = ", ".join(unseen[:_SHOWN]) + (", ..." if len(unseen) > _SHOWN else "")
        yield say(f"No training boxes of: {listed}.", f"以下类别没有训练标注框：{listed}。")


def _without_measure(data: CocoDataset) -> Iterator[str]:
    # A crowd is neither to be found nor wrong.
    if data.val and all(box.crowd for image in data.val for box in image.boxes):
        number = len(data.val)
        yield say(
            f"The {number} validation pictures have no box: validation can measure nothing, mAP stays 0.",
            f"{number} 张验证图片都没有标注框：验证无法衡量效果，mAP 将一直为 0。",
        )


def _without_masks(data: CocoDataset) -> Iterator[str]:
    boxes = [box for image in (*data.train, *data.val) for box in image.boxes if not box.crowd]
    number = sum(not box.segmentation for box in boxes)
    if number:
        yield say(
            f"{number} of {len(boxes)} objects have no segmentation: their whole boxes are taken for their masks.",
            f"{len(boxes)} 个目标中有 {number} 个没有分割标注（segmentation），将以整个标注框作为掩码。",
        )
