"""The torch side of segmentation: batches to tensors, the loss, masks on the original picture, mIoU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.dataset.mask_codes import IGNORE
from BaseDT.preprocess import Preprocess
from MMEdu.engine.device_images import ImageNormalizer
from MMEdu.engine.feed import default_threads
from MMEdu.engine.protocol import Batch, Metrics
from MMEdu.tasks.segmentation import loss
from MMEdu.tasks.segmentation.evaluation import JudgedMask, judged, pixel_metrics
from MMEdu.tasks.segmentation.samples import MaskedPictures
from MMEdu.tasks.segmentation.verdict import verdict

Inputs = tuple[Tensor, Tensor]


class SegmentationTask:
    """The torch side of segmentation. The network maps images to logits (N, C, h, w).

    Args:
        preprocess: How pixels become the network's input.
        pictures: The validation pictures; they tell the original sizes and the truth.
        classes: Names by label.
        starts_fresh: Whether the run begins without weights.
    """

    name = "segmentation"

    def __init__(
        self, preprocess: Preprocess, pictures: MaskedPictures, classes: Sequence[str], *, starts_fresh: bool = False
    ) -> None:
        self.preprocess = preprocess
        self.pictures = pictures
        self.classes = tuple(classes)
        self.starts_fresh = starts_fresh
        self._normalize = ImageNormalizer(preprocess)

    def inputs(self, batch: Batch, device: torch.device) -> Inputs:
        """Move a batch to the device and normalise it there: images (N, C, H, W), masks (N, H, W) uint8."""
        return self._normalize(batch.inputs, device), torch.from_numpy(batch.targets).to(device, non_blocking=True)

    def trained(self, model: nn.Module) -> nn.Module:
        """The network itself."""
        return model

    def losses(self, model: nn.Module, inputs: Inputs) -> dict[str, Tensor]:
        """Cross-entropy and Dice; see ``loss``."""
        images, masks = inputs
        logits = model(images)
        with torch.autocast(images.device.type, enabled=False):
            return loss.losses(logits, masks)

    def weight(self, batch: Batch) -> float:
        """The number of pixels that are known; of a batch without any the number of pictures, which count nothing."""
        return float(np.count_nonzero(batch.targets != IGNORE)) + 1e-6 * len(batch)

    def dummy_inputs(self, size: int, device: torch.device) -> Inputs:
        """Made-up inputs of ``size`` pictures in which all classes occur."""
        height, width = self.preprocess.size
        images = torch.zeros(size, self.preprocess.channels, height, width, device=device)
        columns = torch.arange(width, device=device) % len(self.classes)
        masks = columns.to(torch.uint8).expand(size, height, width).contiguous()
        return images.contiguous(memory_format=torch.channels_last), masks

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> npt.NDArray[Any]:
        """Predict with the very preprocessing and decoding of deployment: (N,) objects, a ``JudgedMask`` each."""
        images = torch.from_numpy(self.preprocess.normalize(batch.inputs)).to(device)
        logits = model(images.contiguous(memory_format=torch.channels_last)).float().cpu().numpy()
        results = np.empty(len(batch), dtype=object)
        with ThreadPoolExecutor(min(default_threads(), len(batch)), thread_name_prefix="masks") as pool:
            # Laying maps over pictures and counting pixels is OpenCV's and numpy's work, which threads share.
            results[:] = list(pool.map(self._judged, logits, batch.indices.tolist()))
        return results

    def _judged(self, logits: npt.NDArray[np.float32], index: int) -> JudgedMask:
        truth = self.pictures.truth(index)
        return judged(logits, truth, self.preprocess, len(self.classes))

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """mIoU, mean recall of the classes, and the share of right pixels, 0 to 1."""
        del indices
        return pixel_metrics([row.counts for row in predictions])

    def description(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Mapping[str, Any]:
        """Nothing; see ``engine.protocol.DescribesScores``."""
        del predictions, indices
        return {}

    def closing_words(
        self, log: Sequence[Mapping[str, Any]], predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]
    ) -> Sequence[str]:
        """What the training came to, where something is to be mended."""
        del log, indices
        text = verdict([row.counts for row in predictions], self.classes, starts_fresh=self.starts_fresh)
        return [text] if text else []

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """Compare by ``key``, then by mIoU, then by the share of right pixels."""
        ours, theirs = ((values[key], values["mIoU"], values["aAcc"]) for values in (new, old))
        return ours > theirs
