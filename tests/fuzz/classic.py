"""Models of BaseML: saved ones with spoiled bytes or odd attributes; exported ones with odd metadata."""

from __future__ import annotations

import copy
import io
import json
import pickle
import zlib
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnx
from onnx import helper

import classic_models as models
from BaseML.files import model_file
from fuzz.mutate import Rng, odd, pick, spoiled, spoiled_values
from XEdu.hub import Workflow


class SavedModels:
    """``.pkl`` files: their bytes below the compression, or what an attribute of an estimator is."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "模 型.pkl"
        self._models = [models.trained(kind.name, kind.family) for kind in models.KINDS]
        self._bytes = []
        for model in self._models:
            model_file.write(model, self._file)
            self._bytes.append(zlib.decompress(self._file.read_bytes()))
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        if rng.integers(2):
            self.thrown = spoiled(rng, self._bytes[int(rng.integers(len(self._bytes)))])
            self._file.write_bytes(zlib.compress(self.thrown) if rng.integers(2) else self.thrown)
        elif (changed := self._changed(rng)) is not None:
            self._file.write_bytes(changed)
        Workflow("baseml", self._file).inference(models.IRIS[:3])

    def _changed(self, rng: Rng) -> bytes | None:
        """Write a model of which attributes are something else."""
        estimator = copy.copy(self._models[int(rng.integers(len(self._models)))].estimator)
        names = sorted(vars(estimator))
        for _ in range(int(rng.integers(1, 3))):
            name = str(pick(rng, names))
            vars(estimator)[name] = _other(rng, vars(estimator)[name])
            self.thrown = f"{type(estimator).__name__}.{name} = {_shown(vars(estimator)[name])}"
        buffer = io.BytesIO()
        try:
            joblib.dump({"model": estimator, "demo_input": odd(rng) if rng.integers(4) == 0 else None}, buffer)
        except (RecursionError, TypeError, ValueError, AttributeError, pickle.PicklingError):  # it is no file
            return None
        return buffer.getvalue()


class ExportedModels:
    """``.onnx`` files whose metadata are spoiled."""

    def __init__(self, folder: Path) -> None:
        from BaseML.export import onnx as export

        self._file = folder / "模 型.onnx"
        self._model = onnx.load(export.convert(models.trained("CART", "classification"), folder / "x.onnx"))
        self._said = {entry.key: entry.value for entry in self._model.metadata_props}
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        said = json.loads(self._said["baseml"])
        said = spoiled_values(rng, said) if rng.integers(2) else {**said, str(pick(rng, sorted(said))): odd(rng)}
        try:
            text = json.dumps(said)
        except (TypeError, ValueError, RecursionError):
            text = _shown(said)
        self.thrown = text[:20000]
        helper.set_model_props(self._model, {**self._said, "baseml": text.encode("utf-8", "replace").decode()})
        onnx.save(self._model, self._file)
        workflow = Workflow("baseml", self._file)
        workflow.inference(models.IRIS[:3])
        workflow.format_output(isprint=False)


def _shown(value: Any) -> str:
    try:
        return repr(value)[:20000]
    except RecursionError:
        return "deeply nested"


def _other(rng: Rng, value: Any) -> Any:
    if not isinstance(value, np.ndarray) or rng.integers(3) == 0:
        return odd(rng)
    match int(rng.integers(5)):
        case 0:
            return value[:-1]
        case 1:
            return value.astype(pick(rng, ("f4", "i1", "u8", "O", "S3")))
        case 2:
            return -value if value.dtype.kind in "if" else value
        case 3:
            return np.full_like(value, pick(rng, (0, 1, 2**30)) if value.dtype.kind in "iuf" else "")
        case _:
            return value.reshape(-1)[:, None]
