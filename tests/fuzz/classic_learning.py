"""The doors of BaseML for ``calls``: every public call of the four classes and the loader of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT import image
from BaseML import Classification, Cluster, DimensionReduction, DimentionReduction, IMGLoader, Regression, baseml

Door = tuple[Callable[..., Any], dict[str, Any]]
_CLASSES = {
    "Classification": (Classification, "CART"),
    "Regression": (Regression, "LinearRegression"),
    "Cluster": (Cluster, "Kmeans"),
    "DimentionReduction": (DimentionReduction, "PCA"),
    "DimensionReduction": (DimensionReduction, "PCA"),
}


def doors(folder: Path) -> dict[str, Door]:
    """Return the public calls, each with arguments that would do."""
    rows = np.random.default_rng(0).normal(size=(24, 3))
    table = folder / "表 格.csv"
    lines = [",".join(map(str, [*row, number % 2])) for number, row in enumerate(rows.round(3))]
    table.write_text("a,b,c,类\n" + "\n".join(lines), encoding="utf-8")
    found: dict[str, Door] = {}
    for name, (kind, algorithm) in _CLASSES.items():
        model = _trained(kind, algorithm, rows)
        model.save(file := folder / f"{name}.pkl")
        found |= {f"BaseML.{name}": (kind, {"algorithm": algorithm})}
        found |= {f"BaseML.{name}.{method}": door for method, door in _methods(model, rows, table, file).items()}
        found |= {f"BaseML.{name}.train": (model.train, {})}
    found |= {f"BaseML.baseml.{method}": door for method, door in _methods(model, rows, table, file).items()}
    found |= {"BaseML.baseml": (baseml, {}), "BaseML.DimensionReduction.fit_transform": (model.fit_transform, {})}
    found["BaseML.DimentionReduction.fit_transform"] = found["BaseML.DimensionReduction.fit_transform"]
    return {**found, **_pictures(folder)}


def _trained(kind: Any, algorithm: str, rows: Any) -> Any:
    model = kind(algorithm, **({"N_CLUSTERS": 2} if kind is Cluster else {}))
    model.load_dataset(rows, np.arange(len(rows)) % 2, scale=True)
    model.train()
    return model


def _methods(model: Any, rows: Any, table: Path, file: Path) -> dict[str, Door]:
    return {
        "load_dataset": (type(model)(model.algorithm).load_dataset, {"X": table, "type": "csv", "y_column": [3]}),
        "load_tab_data": (type(model)(model.algorithm).load_tab_data, {"data_path": table}),
        "get_test_data": (model.get_test_data, {}),
        "reverse_scale": (model.reverse_scale, {"data": rows[:2]}),
        "set_para": (type(model)(model.algorithm).set_para, {}),
        "inference": (model.inference, {"data": rows[:2]}),
        "valid": (model.valid, {"x": rows, "y": np.arange(len(rows)) % 2}),
        "save": (model.save, {"path": "target/m.pkl"}),
        "load": (type(model)(model.algorithm).load, {"path": file}),
        "convert": (model.convert, {"out_file": "target/m.onnx"}),
        "plot": (model.plot, {"X": rows}),
        "metricplot": (model.metricplot, {"X": rows, "y_true": np.arange(len(rows)) % 2}),
    }


def _pictures(folder: Path) -> dict[str, Door]:
    root = folder / "图 片"
    for name in ("猫", "狗"):
        image.write(root / name / "1.png", np.full((20, 20), 90, np.uint8))
    loader = IMGLoader.ImageLoader(root, root, size=16)
    gray = loader.pre_process(root / "猫" / "1.png")
    return {
        "BaseML.ImageLoader": (
            IMGLoader.ImageLoader, {"training_set_path": root, "testing_set_path": root, "size": 16}
        ),
        "BaseML.ImageLoader.get_data": (loader.get_data, {}),
        "BaseML.ImageLoader.get_feature": (loader.get_feature, {"img": gray}),
        "BaseML.ImageLoader.pre_process": (loader.pre_process, {"img_path": root / "猫" / "1.png"}),
        "BaseML.ImageLoader.get_label2id": (loader.get_label2id, {}),
        "BaseML.ImageLoader.get_label_by_id": (loader.get_label_by_id, {"value": 0}),
    }  # fmt: skip
