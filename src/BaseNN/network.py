"""``nn``: the documented class. Each method is one call of the room that does the work."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from BaseDT.arguments import documented
from MMEdu.engine.events import Listener
from MMEdu.engine.loop import StopSignal

if TYPE_CHECKING:
    from torch import nn as torch_nn

Path = str | os.PathLike[str]


class nn:  # noqa: N801 - the documents' name
    """A network that is laid layer by layer (逐层搭建神经网络)."""

    @documented
    def __init__(self, task: str = "cls", save_fold: Path | None = None) -> None:
        raise NotImplementedError

    @documented
    def add(
        self,
        layer: str | torch_nn.Module | None = None,
        activation: str | None = None,
        optimizer: str | None = None,
        **kw: Any,
    ) -> None:
        raise NotImplementedError

    @documented
    def load_img_data(
        self,
        data_path: Path,
        classes: Sequence[str] | Mapping[Any, Any] | None = None,
        batch_size: int = 32,
        train_val_ratio: float = 1.0,
        shuffle: bool = True,
        batch_mode: bool = False,
        transform: Mapping[str, Any] | None = None,
        color: str = "RGB",
        num_workers: int = 0,
    ) -> Any:
        raise NotImplementedError

    @documented
    def load_tab_data(
        self,
        data_path: Path,
        batch_size: int = 32,
        train_val_ratio: float = 1.0,
        shuffle: bool = True,
        y_type: str = "long",
        num_workers: int = 0,
    ) -> Any:
        raise NotImplementedError

    @documented
    def load_npz_data(
        self,
        data_path: Path,
        batch_size: int = 32,
        shuffle: bool = True,
        classes: Sequence[str] | Mapping[Any, Any] | None = None,
        train_val_ratio: float = 1.0,
        num_workers: int = 0,
    ) -> Any:
        raise NotImplementedError

    @documented
    def load_dataset(
        self,
        x: Any,
        y: Any,
        num_workers: int = 0,
        word2idx: Mapping[str, int] | None = None,
        classes: Sequence[str] | Mapping[Any, Any] | None = None,
    ) -> None:
        raise NotImplementedError

    @documented
    def set_seed(self, seed: int) -> None:
        raise NotImplementedError

    @documented
    def train(
        self,
        lr: float = 0.1,
        epochs: int = 30,
        batch_num: int = 1,
        batch_size: int = 16,
        save_fold: Path | None = None,
        loss: str = "CrossEntropyLoss",
        metrics: Sequence[str] = (),
        filename: str = "basenn.pth",
        checkpoint: Path | None = None,
        *,
        resume: bool = False,
        listener: Listener | None = None,
        stop: StopSignal | None = None,
    ) -> list[dict[str, Any]]:
        raise NotImplementedError

    @documented
    def inference(
        self,
        data: Any = None,
        show: bool = False,
        checkpoint: Path | None = None,
        hidden: Any = None,
        label: bool = False,
        num: int = 4,
        return_all_timesteps: bool = True,
    ) -> Any:
        raise NotImplementedError

    @documented
    def print_result(self, result: Any = None) -> dict[int, dict[str, Any]]:
        raise NotImplementedError

    @documented
    def convert(
        self,
        checkpoint: Path | None = None,
        out_file: Path = "convert_model.onnx",
        backend: str = "ONNX",
        opset_version: int = 10,
        ir_version: int = 6,
    ) -> None:
        raise NotImplementedError

    @documented
    def save(self, model_path: Path = "basenn.pth") -> None:
        raise NotImplementedError

    @documented
    def load(self, model_path: Path) -> None:
        raise NotImplementedError

    @documented
    def print_model(self) -> None:
        raise NotImplementedError

    @documented
    def visual_feature(self, data: Any, in1img: bool = False, save_fold: Path = "layers") -> None:
        raise NotImplementedError

    @documented
    def extract_feature(self, data: Any = None, pretrain: str | None = None) -> npt.NDArray[Any]:
        raise NotImplementedError

    @documented
    def noisy(self, data: Any, timestep: int = 500, num: int = 10, show: bool = True) -> Any:
        raise NotImplementedError

    @documented
    def show(self, data: Any, size: tuple[int, int] = (2, 2), visual_timesteps: bool = False) -> None:
        raise NotImplementedError
