"""The torch side of detection: batches to tensors, a detector's losses, its boxes on the original picture, mAP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.geometry import masks as mask_codes
from BaseDT.geometry.boxes import with_area
from BaseDT.language import say
from BaseDT.metrics.matching import best_threshold
from BaseDT.preprocess import Preprocess
from MMEdu.engine.device_images import ImageNormalizer
from MMEdu.engine.protocol import Batch, Metrics
from MMEdu.tasks.detection.evaluation import box_metrics
from MMEdu.tasks.detection.loss_module import Learning
from MMEdu.tasks.detection.samples import BoxedPictures
from MMEdu.tasks.detection.targets import Detections, Rows, Target, TargetTensors

Inputs = tuple[Tensor, list[TargetTensors]]
_DUMMY_BOXES = 8


class DetectionTask:
    """The torch side of detection.

    The network has ``losses(images, targets)`` and ``detect(images, score_threshold, max_detections)``, which gives
    (k, 6) of x1, y1, x2, y2, score, label in pixels of its input for each picture; one with masks has
    ``segment``, with the same arguments, which gives pairs of these rows and of (k, m, m) probabilities.

    Args:
        preprocess: How pixels become the network's input.
        pictures: The validation pictures; they tell the original sizes and the truth. They tell, too, whether masks
            are predicted and measured.
        num_classes: How many classes there are.
        score_threshold: Less sure boxes do not count in validation; None is the network's own.
        max_detections: At most so many of a picture; likewise.
    """

    name = "detection"

    def __init__(
        self,
        preprocess: Preprocess,
        pictures: BoxedPictures,
        num_classes: int,
        *,
        score_threshold: float | None = None,
        max_detections: int | None = None,
    ) -> None:
        self.preprocess = preprocess
        self.pictures = pictures
        self.num_classes = num_classes
        limits = {"score_threshold": score_threshold, "max_detections": max_detections}
        self._limits = {name: value for name, value in limits.items() if value is not None}
        self._normalize = ImageNormalizer(preprocess)

    def inputs(self, batch: Batch, device: torch.device) -> Inputs:
        """Move a batch to the device and normalise it there: images (N, C, H, W), the targets of each."""
        return self._normalize(batch.inputs, device), [target.to(device) for target in batch.targets]

    def trained(self, model: nn.Module) -> nn.Module:
        """The network's losses as a module."""
        return Learning(model)

    def losses(self, model: nn.Module, inputs: Inputs) -> dict[str, Tensor]:
        """The network's own losses, and the sum of those called so as ``loss``, in float32."""
        images, targets = inputs
        learn: Any = model.losses if hasattr(model, "losses") else model
        parts_of_loss: dict[str, Tensor] = learn(images, targets)
        parts = {name: value.float().reshape(()) for name, value in parts_of_loss.items()}
        summed = [value for name, value in parts.items() if name.startswith("loss")]
        return {**parts, "loss": torch.stack(summed).sum()}

    def weight(self, batch: Batch) -> float:
        """The number of pictures."""
        return float(len(batch))

    def dummy_inputs(self, size: int, device: torch.device) -> Inputs:
        """Made-up inputs of ``size`` pictures with some objects each."""
        height, width = self.preprocess.size
        images = torch.zeros(size, self.preprocess.channels, height, width, device=device)
        steps = np.arange(_DUMMY_BOXES, dtype=np.float32) / (2 * _DUMMY_BOXES)
        boxes = np.stack([steps * width, steps * height, (steps + 0.5) * width, (steps + 0.5) * height], axis=1)
        labels = np.arange(_DUMMY_BOXES, dtype=np.int64) % self.num_classes
        masks = np.ones((_DUMMY_BOXES, height, width), dtype=np.uint8) if self.pictures.with_masks else None
        target = Target(boxes.astype(np.float32), labels, masks).to(device)
        return images.contiguous(memory_format=torch.channels_last), [target] * size

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> npt.NDArray[Any]:
        """Predict with the very preprocessing of inference and deployment: (N,) objects, a ``Detections`` each."""
        images = torch.from_numpy(self.preprocess.normalize(batch.inputs)).to(device)
        images = images.contiguous(memory_format=torch.channels_last)
        results = np.empty(len(batch), dtype=object)
        outputs: list[tuple[Rows, npt.NDArray[np.float32] | None]]
        if self.pictures.with_masks:
            pairs = model.segment(images, **self._limits)  # type: ignore[operator]
            outputs = [(_array(rows), _array(masks)) for rows, masks in pairs]
        else:
            outputs = [(_array(rows), None) for rows in model.detect(images, **self._limits)]  # type: ignore[operator]
        for row, (index, (rows, masks)) in enumerate(zip(batch.indices.tolist(), outputs, strict=True)):
            results[row] = on_picture(rows, masks, self.preprocess, self.pictures.size_of(index))
        return results

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """COCO's mAP of boxes, and of masks where there are any; 0 to 1.

        ``_s``, ``_m`` and ``_l`` are -1, as COCO has it, where there is no object of that size.
        """
        truth = [self.pictures.truth(index) for index in indices.tolist()]
        metrics = {"bbox": box_metrics(list(predictions), truth, self.num_classes)}
        if self.pictures.with_masks:
            metrics["segm"] = box_metrics(list(predictions), truth, self.num_classes, of_masks=True)
        return {
            f"{kind}_{name}": round(v, 4) for kind, measures in metrics.items() for name, v in measures.overall.items()
        }

    def description(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Mapping[str, Any]:
        """From which score on boxes are best shown; see ``engine.protocol.DescribesScores``."""
        found = [detections.rows for detections in predictions]
        truth = [self.pictures.truth(index) for index in indices.tolist()]
        return {"calibration": {"threshold": best_threshold(found, truth)}}

    def closing_words(
        self, log: Sequence[Mapping[str, Any]], predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]
    ) -> Sequence[str]:
        """From which score on boxes are best shown, where validation tells."""
        del log
        threshold = self.description(predictions, indices)["calibration"]["threshold"]
        if threshold is None:
            return ()
        return [
            say(
                f"By the validation boxes are best shown from a score of {threshold:g} on (F1): "
                'inference(…, thr="auto").',
                f'验证结果表明，检测框的最低得分取 {threshold:g} 最好（F1 最高）：推理时写 inference(…, thr="auto")。',
            )
        ]

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """Compare by ``key``, then by the mAP of boxes, then by that at an overlap of 0.50.

        While nothing is detected at all, the later one is better: it has learned for longer.
        """
        ours, theirs = _rank(new, key), _rank(old, key)
        return ours > theirs or not any(theirs)


def on_picture(
    rows: Rows, masks: npt.NDArray[np.float32] | None, preprocess: Preprocess, size: tuple[int, int]
) -> Detections:
    """Map what a network found in its input onto the original picture of (height, width).

    Args:
        rows: (k, 6) in pixels of the input; what is not finite, or lies beside the picture, is left out.
        masks: (k, m, m) probabilities within the boxes, or None.
        preprocess: How the picture became the input.
        size: Of the original picture.
    """
    finite = np.flatnonzero(np.isfinite(rows).all(axis=1))
    corners = preprocess.to_original(rows[finite, :4], size)
    visible = with_area(corners)
    rows = np.concatenate([corners[visible], rows[finite[visible], 4:]], axis=1).astype(np.float32)
    if masks is None:
        return Detections(rows)
    visible_masks = masks[finite[visible]]
    parts = (mask_codes.in_box(mask, row[:4], *size) for mask, row in zip(visible_masks, rows, strict=True))
    return Detections(rows, [mask_codes.encoded(part, corner, size) for part, corner in parts])


def _array(tensor: Tensor) -> npt.NDArray[np.float32]:
    values: npt.NDArray[np.float32] = tensor.detach().float().cpu().numpy()
    return values


def _rank(values: Metrics, key: str) -> tuple[float, float, float]:
    return values[key], values["bbox_mAP"], values["bbox_mAP_50"]
