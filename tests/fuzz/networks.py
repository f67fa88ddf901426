"""Networks of BaseNN: their files, ours and the original's, and exported ones, spoiled; loaded, asked, converted."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper

import networks_on_disk
import originals_on_disk as originals
from BaseNN import nn, pth_info
from fuzz.checkpoints import changed_tensor
from fuzz.mutate import Rng, json_text, odd, pick, spoiled, spoiled_values
from XEdu.hub import Workflow


class Networks:
    """``.pth`` and ``.pkl``: bytes, descriptions, weights, and attributes of the modules that the original pickled."""

    def __init__(self, folder: Path) -> None:
        self._file, self._folder = folder / "网 络.pth", folder
        model = nn()
        model.load_dataset(np.eye(4, dtype=np.float32), np.array([0, 1, 2, 0]), classes=["甲", "乙", "丙"])
        model.add("linear", size=(4, 5), activation="relu")
        model.add("linear", size=(5, 3), activation="softmax")
        model.save(folder / "ours.pth")
        self._ours: dict[str, Any] = torch.load(folder / "ours.pth", weights_only=True)
        self._originals = [originals.iris(), _pictures(), _actions()]
        self._bytes = [
            (folder / "ours.pth").read_bytes(),
            originals.pth(folder / "theirs.pth", self._originals[0], CLASSES=["a", "b", "c"]).read_bytes(),
        ]
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        match int(rng.integers(4)):
            case 0:
                self.thrown = spoiled(rng, pick(rng, self._bytes))
                self._file.write_bytes(self.thrown)
            case 1:
                content = {**self._ours, "meta": spoiled_values(rng, self._ours["meta"])}
                try:
                    self.thrown = repr(content["meta"])[:20000]
                    torch.save(content, self._file)
                except RecursionError:  # torch's own writer gives up on what is nested so deeply
                    return
            case _:
                network = copy.deepcopy(pick(rng, self._originals))
                parts = list(network.modules())  # before one of them lacks what tells its parts
                self.thrown = "; ".join(_changed(rng, network, parts) for _ in range(int(rng.integers(1, 3))))
                said = {name: odd(rng) for name in _META if rng.integers(6) == 0}
                try:
                    originals.pth(self._file, network, **said)
                except (RecursionError, AttributeError, TypeError):  # a module that torch itself cannot write any more
                    return
        self._use(rng)

    def _use(self, rng: Rng) -> None:
        model = nn()
        match int(rng.integers(3)):
            case 0:
                pth_info(self._file)
            case 1:
                model.load(self._file)
                model.inference(np.ones((1, 4), np.float32))
                model.print_result()
            case _:
                model.convert(self._file, self._folder / "x.onnx")


_META = ("CLASSES", "input_size", "dataset_type", "word2idx", "color", "transform", "epoch")


def _pictures() -> torch.nn.Module:
    return originals.chain(
        ("conv2d1", torch.nn.Conv2d(1, 2, 3)),
        ("maxpooling2", torch.nn.MaxPool2d(2)),
        ("res_stage3", originals.ResNet((2, 3), 1, 2)),
        ("reshape", originals.Reshape()),
        ("linear4", torch.nn.Linear(3 * 9, 3)),
    )


def _actions() -> torch.nn.Module:
    return originals.chain(
        ("lstm1", torch.nn.LSTM(3, 4, batch_first=True)),
        ("part01", originals.Part0()),
        ("dim21", originals.dim2()),
        ("batchnorm1d1", torch.nn.BatchNorm1d(4)),
    )


def _changed(rng: Rng, network: torch.nn.Module, parts: list[torch.nn.Module]) -> str:
    """Change an attribute, a weight or the order of a module somewhere; return what was done."""
    module = pick(rng, parts)
    held = vars(module)
    if not held:
        return ""
    match int(rng.integers(4)):
        case 0 if isinstance(held.get("_parameters"), dict) and held["_parameters"]:
            name = pick(rng, sorted(held["_parameters"]))
            value = held["_parameters"][name]
            small = value is not None and value.numel() < 10**6  # an expanded one is changed no further
            held["_parameters"][name] = changed_tensor(rng, value.detach()) if small else odd(rng)
        case 1 if isinstance(held.get("_modules"), dict) and held["_modules"]:
            name = pick(rng, sorted(held["_modules"]))
            if rng.integers(2):
                del held["_modules"][name]
            else:
                held["_modules"][name] = network if rng.integers(2) else odd(rng)
        case 2:
            name = pick(rng, sorted(held))
            del held[name]
        case _:
            name = pick(rng, sorted(held))
            held[name] = odd(rng)
    return f"{type(module).__name__}.{name}"


class Boards:
    """What exported networks say of themselves, with other values; and data that do not fit them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "板 子.onnx"
        original = networks_on_disk.original
        words = original("npz", (1, 4), word2idx=str(networks_on_disk.WORDS))
        files = [
            networks_on_disk.table(folder / "t.onnx"),
            networks_on_disk.table(folder / "o.onnx", original("tab", (1, 3))),
            networks_on_disk.pictures(folder / "p.onnx"),
            networks_on_disk.pictures(folder / "g.onnx", original("img", (1, 1, 4, 8)), channels=1),
            networks_on_disk.sequences(folder / "s.onnx"),
            networks_on_disk.text(folder / "w.onnx"),
            networks_on_disk.text(folder / "x.onnx", words),
        ]
        self._models = [onnx.load(file) for file in files]
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        model = onnx.ModelProto()
        model.CopyFrom(pick(rng, self._models))
        properties = {entry.key: entry.value for entry in model.metadata_props}
        name = pick(rng, sorted(properties))
        if rng.integers(3):
            properties[name] = _text(rng, properties[name])
        self.thrown = repr(properties)
        helper.set_model_props(model, properties)
        self._file.write_bytes(model.SerializeToString())
        workflow = Workflow("basenn", self._file)
        workflow.inference(pick(rng, _DATA)(rng), img_type="cv2" if rng.integers(4) == 0 else None)
        workflow.format_output(isprint=False)


def _text(rng: Rng, text: str) -> str:
    """Return another text: JSON with other values, or spoiled characters."""
    try:
        values = json.loads(text)
    except ValueError:
        return spoiled(rng, text.encode()).decode("utf-8", "replace")
    return json_text(rng, spoiled_values(rng, values)).decode("utf-8", "replace")


_DATA = (
    lambda rng: [1, 2, 3],
    lambda rng: rng.random((2, 3)),
    lambda rng: rng.random((1, 3, 4, 8)).astype(np.float32),
    lambda rng: rng.integers(0, 256, (9, 7, 3)).astype(np.uint8),
    lambda rng: "床前",
    lambda rng: [[0, 1]],
    lambda rng: rng.random((1, 2, 3)),
    lambda rng: spoiled_values(rng, [[1, 2.5, 3], [4, 5, 6]]),
    odd,
)
