"""Reading files of weights: ours, plain ones, OpenMMLab's, safetensors; and what is no such file. Never code."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import types
from collections import OrderedDict, defaultdict, deque
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from BaseDT.errors import CheckpointInvalid, CheckpointNotFound
from MMEdu.weights.native import NativeFile
from MMEdu.weights.opening import read_file

STATE = {"fc.weight": torch.arange(6.0).reshape(2, 3), "fc.bias": torch.zeros(2)}


class HistoryBuffer:
    """Pickles as OpenMMLab's buffer of logged values does; were it built or called, it would say."""

    alive = 0

    def __init__(self) -> None:
        self._log_history = np.arange(3.0)
        self._statistics_methods = OrderedDict(mean=HistoryBuffer.mean)

    def __setstate__(self, state: object) -> None:
        HistoryBuffer.alive += 1

    @classmethod
    def mean(cls) -> None:
        HistoryBuffer.alive += 1


class Unknown:
    """A class of another project that nobody knows."""


@pytest.fixture
def openmmlab(monkeypatch):
    """Classes as if they lived in OpenMMLab's modules, for the time of writing."""
    for cls, name in ((HistoryBuffer, "mmengine.logging.history_buffer"), (Unknown, "mmdet.core.unknown")):
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = types.ModuleType(".".join(parts[:count]))
            monkeypatch.setitem(sys.modules, module.__name__, module)
        setattr(module, cls.__name__, cls)
        monkeypatch.setattr(cls, "__module__", name)


def written(place: Path, content: object, *, zipped: bool = True) -> Path:
    place.parent.mkdir(exist_ok=True)
    torch.save(content, place, _use_new_zipfile_serialization=zipped)
    return place


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "权 重" / "猫.pth"


def same(state: dict[str, torch.Tensor]) -> bool:
    return state.keys() == STATE.keys() and all(torch.equal(state[name], STATE[name]) for name in STATE)


def test_our_own_file_is_known_as_ours(file):
    meta = {"CLASSES": ["猫", "狗"], "preprocess": {}, "task": "classification", "backbone": "LeNet"}
    found = read_file(written(file, {"state_dict": STATE, "meta": meta}))
    assert isinstance(found, NativeFile)
    assert (found.meta, found.meta["CLASSES"]) == (meta, ["猫", "狗"])
    assert same(found.state)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("place", [None, "state_dict", "model", "model_state_dict", "model_state"])
@pytest.mark.parametrize("wrapper", ["", "module.", "_orig_mod.", "_orig_mod.module."])
def test_plain_weights_are_found_wherever_they_are(file, place, zipped, wrapper):
    state = OrderedDict((wrapper + name, value) for name, value in STATE.items())
    content = state if place is None else {"epoch": 3, place: state, "optimizer": {"state": {}}}
    found = read_file(written(file, content, zipped=zipped))
    assert same(found.state)
    assert found.classes is None


def test_names_of_classes_beside_plain_weights_are_taken(file):
    assert read_file(written(file, {"model": STATE, "classes": ["a", "b"]})).classes == ("a", "b")


@pytest.mark.parametrize(
    ("meta", "classes"),
    [
        ({"CLASSES": ("cat", "dog"), "mmcls_version": "0.23.0"}, ("cat", "dog")),
        ({"dataset_meta": {"classes": ("cat", "dog"), "palette": [(1, 2, 3)]}}, ("cat", "dog")),
        ({"dataset_meta": {"CLASSES": ["cat", "dog"]}}, ("cat", "dog")),
        ({"CLASSES": "plate"}, ("plate",)),
        ({"CLASSES": [1, 2]}, None),
        ({"CLASSES": ()}, None),
        ({"dataset_meta": None, "epoch": 3}, None),
        ({}, None),
    ],
)
def test_openmmlabs_names_of_classes(file, meta, classes):
    found = read_file(written(file, {"state_dict": STATE, "meta": meta}))
    assert found.classes == classes


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.usefixtures("openmmlab")
def test_logging_objects_of_openmmlab_are_left_out_and_do_nothing(file, zipped):
    HistoryBuffer.alive = 0
    content = {
        "state_dict": OrderedDict(STATE),
        "meta": {"dataset_meta": {"classes": ("cat", "dog")}, "epoch": np.int64(7), "score": np.float32(0.5)},
        "message_hub": {
            "log_scalars": OrderedDict({"train/loss": HistoryBuffer()}),
            "queue": deque([1, 2], maxlen=5),
            "table": defaultdict(list, {"a": [1]}),
            "place": Path("a") / "b",
        },
        "optimizer": {"state": {0: {"momentum_buffer": torch.zeros(2)}}},
    }
    found = read_file(written(file, content, zipped=zipped))
    assert same(found.state)
    assert (found.meta["epoch"], found.meta["score"]) == (7, 0.5)
    assert type(found.meta["epoch"]) is int
    assert HistoryBuffer.alive == 0


@pytest.mark.usefixtures("openmmlab")
def test_any_other_object_is_refused_and_named(file, refused):
    written(file, {"state_dict": STATE, "meta": {"hook": Unknown()}})
    with refused(CheckpointInvalid, "wants to run code", "mmdet.core.unknown.Unknown"):
        read_file(file)


class Runs:
    """A pickle that calls a function when it is read."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("zipped", [True, False])
def test_code_is_refused_and_named_wherever_it_stands(file, tmp_path, zipped, refused):
    trap = tmp_path / "trap"
    for bad in (Runs(os.mkdir, str(trap)), Runs(eval, f"__import__('os').mkdir({str(trap)!r})")):
        for content in (
            {"state_dict": bad, "meta": {}},
            {"state_dict": STATE, "meta": bad},
            {**STATE, "x": bad},
            {"state_dict": STATE, "meta": {}, "message_hub": [bad]},
        ):
            with refused(CheckpointInvalid, "wants to run code"):
                read_file(written(file, content, zipped=zipped))
            assert not trap.exists()


def test_getattr_of_a_file_looks_nothing_up(file, tmp_path):
    """OpenMMLab's files name it; with it a file could walk from any object to another."""
    found = read_file(written(file, {"state_dict": STATE, "meta": {"x": Runs(getattr, OrderedDict, "fromkeys")}}))
    assert repr(found.meta["x"]) == "(left out)"


def test_a_pickled_network_is_refused_with_what_to_save_instead(file, refused):
    with refused(CheckpointInvalid, "torch.nn.modules.linear.Linear", "state_dict"):
        read_file(written(file, torch.nn.Linear(2, 2)))


@pytest.mark.parametrize(
    "content",
    [
        None,
        [1],
        torch.zeros(2),
        {},
        {"epoch": 3},
        {0: torch.zeros(1)},
        {"state_dict": {"a": 1}},
        {"state_dict": {}, "meta": {}},
        {"state_dict": [1], "meta": {}},
        {"state_dict": STATE, "meta": None},
    ],
)
def test_a_file_without_weights_is_named(file, content, refused):
    with refused(CheckpointInvalid, "猫.pth", "holds no weights"):
        read_file(written(file, content))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\r\n<!DOCTYPE html><html>404</html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        (b"my homework\n", "a text"),
        (pickle.dumps({"a": 1})[:-3], ""),
    ],
)
@pytest.mark.parametrize("suffix", [".pth", ".pt", ".safetensors"])
def test_what_is_no_such_file_is_named_for_what_it_is(tmp_path, data, word, suffix, refused):
    (tmp_path / f"权 重{suffix}").write_bytes(data)
    with refused(CheckpointInvalid, "cannot be read", word, "again"):
        read_file(tmp_path / f"权 重{suffix}")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_half_a_download_is_named(tmp_path, share, suffix, refused):
    file = tmp_path / f"half{suffix}"
    state = {"a": torch.rand(100, 100)}
    torch.save(state, file) if suffix == ".pth" else save_file(state, file)
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with refused(CheckpointInvalid, "cannot be read", "cut off" if suffix == ".pth" else "", "again"):
        read_file(file)


def test_safetensors_with_and_without_names(tmp_path):
    save_file(STATE, tmp_path / "猫 狗.safetensors", metadata={"classes": json.dumps(["猫", "狗"]), "format": "pt"})
    found = read_file(tmp_path / "猫 狗.safetensors")
    assert same(found.state)
    assert (found.classes, found.meta["format"]) == (("猫", "狗"), "pt")
    save_file(STATE, tmp_path / "plain.safetensors")
    assert read_file(tmp_path / "plain.safetensors").classes is None


def test_a_missing_file_and_another_suffix(tmp_path, refused):
    with refused(CheckpointNotFound):
        read_file(tmp_path / "no.safetensors")
    (tmp_path / "a.bin").write_bytes(b"1")
    with refused(CheckpointInvalid):
        read_file(tmp_path / "a.bin")


@pytest.mark.parametrize(
    ("odd", "kind"),
    [
        (lambda: torch.quantize_per_tensor(torch.ones(2, 3), 0.1, 0, torch.qint8), "quantized"),
        (lambda: torch.ones(2, 3).to_sparse(), "sparse"),
        (lambda: torch.ones(2, 3, dtype=torch.complex64), "of complex numbers"),
        (lambda: torch.ones(2, 3, device="meta"), "without elements"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*quantize:UserWarning", "ignore:.*TypedStorage:UserWarning")
def test_tensors_of_other_kinds_are_no_weights(tmp_path, odd, kind, refused):
    file = tmp_path / "怪 的.pth"
    torch.save({**STATE, "odd.weight": odd()}, file)
    with refused(CheckpointInvalid, f"odd.weight is {kind}"):
        read_file(file)


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_plain_pickle_that_names_code_says_which(tmp_path, protocol, refused):
    file = tmp_path / "普通 的.pth"
    file.write_bytes(pickle.dumps({"a": Unknown()}, protocol=protocol))
    with refused(CheckpointInvalid, "wants to run code", "Unknown"):
        read_file(file)


def test_our_own_checkpoint_does_not_load_what_reads_those_of_others(trained):
    code = (
        "import sys\nfrom MMEdu.models import registry\nfrom MMEdu.weights.loaded_model import load_model\n"
        f"load_model(registry.find('LeNet', 'classification'), {str(trained.checkpoint)!r}, 'cpu')\n"
        "print(sorted(name for name in sys.modules if name.startswith('MMEdu.weights.foreign')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
