"""``ImageFolderDataset``: class folders as a data set that one can index, or give to torch's ``DataLoader``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from BaseDT.arguments import check_number, documented
from BaseNN.data import pictures, transforms


class ImageFolderDataset(Dataset[tuple[Tensor, Tensor]]):
    """Pictures of class folders with their labels (按类别文件夹读取的图片数据集).

    Args:
        root: The folder that holds one folder for each class; labels follow their sorted names.
        transform: What is done to each picture, as for ``nn.load_img_data``.
        color: ``RGB`` or ``grayscale``.
        batch_mode: Accepted for old programs; pictures are read once, and kept small.
        scale: Pixels are divided by it.

    Attributes:
        classes: Names by label.
        labels: (N,).
    """

    @documented
    def __init__(
        self,
        root: Any,
        transform: Mapping[str, Any] | None = None,
        color: str = "RGB",
        batch_mode: bool = False,
        scale: float = 255.0,
    ) -> None:
        del batch_mode
        checked = transforms.checked_transform(transform)
        data = pictures.read_folders(root, (), checked, pictures.checked_color(color))
        self.root, self.color, self.transform = root, data.color, dict(data.transform)
        self.scale = float(check_number("scale", scale, above=0))
        self.classes = list(data.classes)
        assert data.targets is not None
        self.labels = data.targets.tolist()
        self._pictures = torch.from_numpy(data.inputs)

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.labels)

    def __getitem__(self, idx: int) -> tuple[Tensor, Tensor]:
        """Return a picture (C, H, W), blue, green, red, from 0 to 1, and its label."""
        return self._pictures[idx].to(torch.float32) / self.scale, torch.tensor(self.labels[idx])
