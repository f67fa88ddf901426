"""Public functions of BaseNN and MMBase, each with arguments that would do; see ``calls``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.arguments import documented
from BaseNN import ImageFolderDataset, nn, pth_info
from fuzz.case import inside
from MMEdu import MMBase

Door = tuple[Callable[..., Any], dict[str, Any]]
_ROW = [[0.1, 0.2, 0.3, 0.4]]


def doors(folder: Path) -> dict[str, Door]:
    """Return every public function of own networks by its full name.

    Args:
        folder: Where the files lie, ``数据 集`` with pictures of two classes among them.
    """
    rng = np.random.default_rng(0)
    x, y = rng.random((8, 4), np.float32), np.arange(8) % 2
    (folder / "网.csv").write_text("a,b,c\n" + "1,2,0\n3,4,1\n" * 6, encoding="utf-8")
    np.savez(folder / "网.npz", data=x, label=y)
    with inside(folder):
        model = _trained(nn(), x, y)
        base = _trained(MMBase(), x, y)
    pictures = nn()
    pictures.add("conv2d", size=(3, 2), kernel_size=3)
    pixels = np.zeros((12, 12, 3), np.uint8)
    stop = threading.Event()
    stop.set()
    run = {"lr": 0.01, "epochs": 2, "save_fold": "run", "stop": stop}
    return {
        "BaseNN.nn": (nn, {}),
        "BaseNN.nn.add": (_add, {"layer": "linear", "size": (4, 10), "activation": "relu"}),
        "BaseNN.nn.add conv2d": (_add_conv, {"size": (1, 6), "kernel_size": 3, "stride": 1, "padding": 0}),
        "BaseNN.nn.add others": (_add_others, {"p": 0.5, "n": 3, "stride": 1, "timestep": 10, "img_size": 28}),
        "BaseNN.nn.load_img_data": (nn().load_img_data, {"data_path": "数据 集/training_set", "batch_size": 4}),
        "BaseNN.nn.load_tab_data": (nn().load_tab_data, {"data_path": "网.csv"}),
        "BaseNN.nn.load_npz_data": (nn().load_npz_data, {"data_path": "网.npz"}),
        "BaseNN.nn.load_dataset": (nn().load_dataset, {"x": x, "y": y}),
        "BaseNN.nn.set_seed": (nn().set_seed, {"seed": 1}),
        "BaseNN.nn.train": (_trained(nn(), x, y, epochs=0).train, run),
        "BaseNN.nn.inference": (model.inference, {"data": _ROW}),
        "BaseNN.nn.print_result": (model.print_result, {}),
        "BaseNN.nn.convert": (model.convert, {"out_file": "target/n.onnx"}),
        "BaseNN.nn.save": (model.save, {"model_path": "target/n.pth"}),
        "BaseNN.nn.load": (nn().load, {"model_path": "checkpoints/basenn.pth"}),
        "BaseNN.nn.print_model": (model.print_model, {}),
        "BaseNN.nn.trained_network": (model.trained_network, {}),
        "BaseNN.nn.visual_feature": (pictures.visual_feature, {"data": pixels, "save_fold": "target"}),
        "BaseNN.nn.extract_feature": (model.extract_feature, {"data": _ROW[0]}),
        "BaseNN.nn.noisy": (nn("gen").noisy, {"data": pixels, "timestep": 20, "num": 3, "show": False}),
        "BaseNN.nn.show": (nn("gen").show, {"data": rng.random((4, 1, 8, 8), np.float32)}),
        "BaseNN.pth_info": (pth_info, {"checkpoint": "checkpoints/basenn.pth"}),
        "BaseNN.ImageFolderDataset": (ImageFolderDataset, {"root": "数据 集/training_set"}),
        "MMEdu.MMBase": (MMBase, {}),
        "MMEdu.MMBase.add_layer": (_add_layer, {"module": "Linear", "one": 4, "other": 3}),
        "MMEdu.MMBase.load_data": (MMBase().load_data, {"x": x, "y": y}),
        "MMEdu.MMBase.inference": (base.inference, {"data": _ROW}),
        "MMEdu.MMBase.load": (MMBase().load, {"model_path": "checkpoints/basenn.pth"}),
    }  # fmt: skip


def _trained(model: nn, x: Any, y: Any, epochs: int = 1) -> Any:
    model.load_dataset(x, y)
    model.add("linear", size=(4, 2), activation="softmax")
    if epochs:
        model.train(lr=0.01, epochs=epochs, filename="basenn.pth")
    return model


@documented
def _add(layer: Any, size: Any, activation: Any = None, optimizer: Any = None) -> None:
    nn().add(layer, activation, optimizer, size=size)


@documented
def _add_conv(size: Any, kernel_size: Any, stride: Any, padding: Any) -> None:
    model = nn()
    model.add("conv2d", size=size, kernel_size=kernel_size, stride=stride, padding=padding)
    model.add("maxpool", kernel_size=kernel_size, stride=stride, padding=padding)


@documented
def _add_others(p: Any, n: Any, stride: Any, timestep: Any, img_size: Any) -> None:
    nn().add("dropout", p=p)
    nn().add("batchnorm1d", size=n)
    nn().add("res_block", size=(3, 4), num_blocks=n, stride=stride)
    nn().add("em_lstm", size=(3, 4), num_layers=n)
    nn().add("diffusion_model", img_size=img_size, timestep=timestep)


@documented
def _add_layer(module: Any, one: Any, other: Any) -> None:
    MMBase().add_layer(module, one, other)
