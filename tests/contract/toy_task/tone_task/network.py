"""One layer over the mean colour."""

import torch
from torch import nn


class ToneNet(nn.Module):
    def __init__(self, num_classes=0):
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def forward(self, images):
        return torch.sigmoid(self.layer(images.mean((2, 3))))
