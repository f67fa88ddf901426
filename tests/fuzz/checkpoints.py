"""Checkpoints whose bytes or whose structure are spoiled: read, loaded, gone on from."""

from __future__ import annotations

import copy
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from fuzz.mutate import Rng, odd, pick, spoiled, spoiled_values
from MMEdu import MMClassification, pth_info


class Checkpoints:
    """The ``latest.pth`` of a small training."""

    def __init__(self, folder: Path) -> None:
        self._dataset = pictures_of_two_classes(folder / "数据 集")
        self._picture = next((self._dataset / "val_set").rglob("*.png"))
        self._run = folder / "模 型"
        self._file = self._run / "x.pth"
        model = new_model(self._dataset)
        model.train(epochs=1, batch_size=4, random_seed=1, save_fold=self._run)
        self._bytes = (self._run / "latest.pth").read_bytes()
        self._content: dict[str, Any] = torch.load(self._run / "latest.pth", weights_only=True)
        self._stop = threading.Event()
        self._stop.set()
        self._model = model
        self._folder = folder
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        file = self._run / str(pick(rng, ("latest.pth", "x.pth")))
        if rng.integers(4) == 0:
            self.thrown = spoiled(rng, self._bytes)
            file.write_bytes(self.thrown)
        else:
            content = self._changed(rng)
            try:
                torch.save(content, file)
            except RecursionError:  # torch's own writer gives up on what is nested so deeply
                return
            self.thrown = repr({name: value for name, value in content.items() if name != "state_dict"})[:20000]
        self._use(rng, file)

    def _changed(self, rng: Rng) -> dict[str, Any]:
        content: dict[str, Any] = copy.copy(self._content)
        match int(rng.integers(5)):
            case 0:
                content["state_dict"] = _changed_tensors(rng, content["state_dict"])
            case 1:
                content["meta"] = {**content["meta"], "run": spoiled_values(rng, content["meta"]["run"])}
            case 2:
                name = str(pick(rng, sorted(content)))
                content[name] = odd(rng) if rng.integers(2) else {}
            case 3:
                content["optimizer"] = _changed_tree(rng, content["optimizer"])
            case _:
                content["meta"] = spoiled_values(rng, content["meta"])
        return content

    def _use(self, rng: Rng, file: Path) -> None:
        match int(rng.integers(5)) if file.name != "latest.pth" else int(rng.integers(6)) + 3:
            case 0:
                pth_info(file)
            case 1:
                self._model.load_checkpoint(file)
                self._model.fast_inference(self._picture, show=False, save_fold=self._folder / "out")
            case 2:
                self._model.inference(checkpoint=file, image=self._picture, show=False, save_fold=self._folder / "out")
            case 3:
                self._train(rng, self._folder / "new", checkpoint=file)
            case 4:
                self._model.embed(self._picture, checkpoint=file)
            case _:
                self._train(rng, self._run, resume=True)

    def _train(self, rng: Rng, folder: Path, **arguments: Any) -> None:
        model = new_model(self._dataset)
        stop = self._stop if rng.integers(4) else None
        model.train(epochs=2, batch_size=4, random_seed=1, save_fold=folder, stop=stop, **arguments)


def _changed_tree(rng: Rng, tree: Any) -> Any:
    """Return plain data with tensors, changed somewhere."""
    tree = copy.deepcopy(tree)
    places: list[tuple[Any, Any]] = []
    todo = [tree]
    while todo:
        item = todo.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        places += [(item, key) for key in keys]
        todo += [item[key] for key in keys]
    if not places:
        return odd(rng)
    holder, key = pick(rng, places)
    value = holder[key]
    holder[key] = changed_tensor(rng, value) if isinstance(value, torch.Tensor) and rng.integers(2) else odd(rng)
    return tree


def _changed_tensors(rng: Rng, state: dict[str, Any]) -> dict[Any, Any]:
    state = dict(state)
    name = pick(rng, sorted(state))
    match int(rng.integers(5)):
        case 0:
            del state[name]
        case 1:
            state[name + "x"] = state.pop(name)
        case 2:
            state[name] = odd(rng)
        case _:
            state[name] = changed_tensor(rng, state[name])
    return state


def changed_tensor(rng: Rng, tensor: torch.Tensor) -> torch.Tensor:
    forms = (
        lambda t: t[:0],
        lambda t: t.unsqueeze(0),
        lambda t: t.flatten(),
        lambda t: torch.zeros(()),
        lambda t: t.double(),
        lambda t: t.to(torch.complex64),
        lambda t: t > 0,
        lambda t: t.long(),
        lambda t: torch.full_like(t.float(), float("nan")),
        lambda t: t.to_sparse() if t.ndim else t,
        lambda t: torch.empty(t.shape, device="meta"),
        lambda t: torch.zeros(1).expand(10**6, 10**6),
        lambda t: torch.quantize_per_tensor(t.float(), 0.1, 0, torch.qint8),
        lambda t: t.half(),
        lambda t: t.to(torch.float8_e4m3fn),
    )
    changed: torch.Tensor = pick(rng, forms)(tensor)
    return changed


def new_model(dataset: Path) -> MMClassification:
    """Return a model that knows its set and says nothing."""
    model = MMClassification("LeNet")
    model.listener = lambda event: None
    model.load_dataset(dataset, check=False)
    return model


def pictures_of_two_classes(root: Path) -> Path:
    """Write a set of two classes, dark and bright; eight pictures to train with, four to validate."""
    shutil.rmtree(root, ignore_errors=True)
    rng = np.random.default_rng(0)
    for split, count in (("training_set", 4), ("val_set", 2)):
        for name, level in (("暗", 40), ("亮", 200)):
            folder = root / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                pixels = rng.integers(level - 30, level + 30, (28, 28)).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{name} {index}.png")
    return root
