"""Which file is opened by what, and what is said about a path that is no model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, DeviceUnavailable, ModelUnsupported, ParameterInvalid
from XEdu import runtime

TENSOR = np.zeros((1, 3, 16, 16), np.float32)


@pytest.fixture
def model(folder: Path) -> Path:
    return models.classifier(folder / "颜 色.onnx")


# --- it opens ---------------------------------------------------------------------------------------------------------


def test_an_onnx_file_tells_its_tensors_and_its_metadata(model: Path) -> None:
    backend = runtime.open(model)
    assert backend.name == "onnxruntime"
    assert [(spec.name, spec.shape, spec.dtype) for spec in backend.inputs] == [("input", (1, 3, 16, 16), np.float32)]
    assert [(spec.name, spec.shape) for spec in backend.outputs] == [("probs", (1, 3))]
    assert set(backend.metadata) == {"MODEL_INFO", "mmedu"}


def test_an_axis_of_any_size_is_none(folder: Path) -> None:
    model = models.classifier(folder / "x.onnx", batch="batch", size=("height", "width"))
    assert runtime.open(model).inputs[0].shape == (None, 3, None, None)


@pytest.mark.parametrize("name", ["x.ONNX", "名 字.onnx"])
def test_the_suffix_decides_whatever_its_case(folder: Path, name: str) -> None:
    assert runtime.open(str(models.classifier(folder / name))).run({"input": TENSOR})[0].shape == (1, 3)


def test_onnx_openvino_and_ncnn_agree(model: Path, folder: Path) -> None:
    files = (
        model,
        models.openvino_of(model, folder / "颜 色.xml"),
        models.ncnn_classifier(folder / "颜 色.ncnn.param"),
    )
    tensor = np.random.default_rng(0).standard_normal((1, 3, 16, 16)).astype(np.float32)
    said = []
    for file in files:
        backend = runtime.open(file)
        said.append(backend.run({backend.inputs[0].name: tensor})[0])
    assert said[0].shape == said[1].shape == said[2].shape
    assert np.allclose(said[0], said[1], atol=1e-5)
    assert np.allclose(said[0], said[2], atol=1e-5)


@pytest.mark.parametrize(("suffix", "runtime_name"), [(".ncnn.bin", "ncnn"), (".bin", "openvino")])
def test_the_weights_of_a_pair_stand_for_the_pair(folder: Path, model: Path, suffix: str, runtime_name: str) -> None:
    models.openvino_of(model, folder / "对.xml")
    models.ncnn_classifier(folder / "对.ncnn.param")
    assert runtime.open(folder / f"对{suffix}").name == runtime_name


def test_running_twice_does_not_overwrite_the_first_answer(model: Path, folder: Path) -> None:
    for file in (model, models.openvino_of(model, folder / "x.xml"), models.ncnn_classifier(folder / "x.ncnn.param")):
        backend = runtime.open(file, threads=1)
        name = backend.inputs[0].name
        first = backend.run({name: TENSOR})[0]
        kept = first.copy()
        backend.run({name: TENSOR + np.float32([1, 0, -1])[:, None, None]})
        assert np.array_equal(first, kept)


@pytest.mark.parametrize("suffix", [".onnx", ".xml", ".ncnn.param"])
def test_threads_get_their_own_answers(model: Path, folder: Path, suffix: str) -> None:
    files = {
        ".onnx": lambda: model,
        ".xml": lambda: models.openvino_of(model, folder / "x.xml"),
        ".ncnn.param": lambda: models.ncnn_classifier(folder / "x.ncnn.param"),
    }
    backend = runtime.open(files[suffix](), threads=1)
    tensors = [TENSOR + np.eye(3, dtype=np.float32)[label][None, :, None, None] for label in range(3)] * 60
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda tensor: int(backend.run({backend.inputs[0].name: tensor})[0].argmax()), tensors)
        assert list(found) == [0, 1, 2] * 60


def test_ncnn_takes_channels_whose_length_is_no_multiple_of_sixteen_bytes(folder: Path) -> None:
    backend = runtime.open(models.ncnn_classifier(folder / "x.ncnn.param"))
    tensor = np.stack([np.full((5, 5), value, np.float32) for value in (0.1, 0.9, -0.4)])[None]
    logits = models.linear(3, 3)[0] @ np.float32([0.1, 0.9, -0.4])
    assert np.allclose(backend.run({"in0": tensor})[0][0], np.exp(logits) / np.exp(logits).sum(), atol=1e-6)


def test_nothing_is_written_to_the_terminal(model: Path, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = folder / "坏.onnx"
    broken.write_bytes(model.read_bytes()[:300])
    runtime.open(model).run({"input": TENSOR})
    with pytest.raises(CheckpointInvalid):
        runtime.open(broken)
    assert capfd.readouterr() == ("", "")


# --- a path that is no model ------------------------------------------------------------------------------------------


def test_a_missing_file_offers_the_nearest_name(model: Path, refused) -> None:
    with refused(CheckpointNotFound, "颜色.onnx", "'颜 色.onnx'"):
        runtime.open("颜色.onnx")


def test_a_missing_folder_is_named(folder: Path, refused) -> None:
    with refused(CheckpointNotFound, "no folder"):
        runtime.open(folder / "没有" / "x.onnx")


def test_a_folder_is_no_model_and_its_models_are_listed(model: Path, folder: Path, refused) -> None:
    with refused(CheckpointInvalid, "is a folder", "颜 色.onnx"):
        runtime.open(folder)


@pytest.mark.parametrize("path", [None, 3, "", "x\0.onnx", ["x.onnx"], b"x.onnx"])
def test_a_path_of_another_type_is_refused(path: object, refused) -> None:
    with refused(ParameterInvalid):
        runtime.open(path)  # type: ignore[arg-type]


def test_a_checkpoint_is_told_to_be_converted(folder: Path, refused) -> None:
    (folder / "latest.pth").write_bytes(b"PK\3\4")
    with refused(CheckpointInvalid, "training checkpoint", "convert"):
        runtime.open("latest.pth")


def test_another_file_lists_the_suffixes(folder: Path, refused) -> None:
    (folder / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    with refused(CheckpointInvalid, "'.jpg'", ".onnx"):
        runtime.open("picture.jpg")


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_threads_that_cannot_be_are_refused(model: Path, threads: object, refused) -> None:
    with refused(ParameterInvalid, "threads"):
        runtime.open(model, threads=threads)  # type: ignore[arg-type]


# --- a file that is no whole model ------------------------------------------------------------------------------------

CONTENTS = {
    "empty": (b"", "0 bytes"),
    "zeros": (b"\0" * 4096, "zero bytes"),
    "web page": (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "text": ("你好，世界".encode(), "damaged"),
    "git lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
    "zip": (b"PK\3\4" + b"\1" * 99, "zip archive"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "PNG"),
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("suffix", [".onnx", ".xml", ".ncnn.param"])
def test_what_is_no_model_is_named(folder: Path, content: str, suffix: str, refused) -> None:
    data, word = CONTENTS[content]
    file = folder / f"下 载{suffix}"
    file.write_bytes(data)
    if suffix != ".onnx":
        file.with_suffix(".bin").write_bytes(b"\0" * 64)
    with refused(CheckpointInvalid, "下 载", word if content != "text" or suffix == ".onnx" else ""):
        runtime.open(file)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused(model: Path, share: float, refused) -> None:
    data = model.read_bytes()
    model.write_bytes(data[: int(len(data) * share)])
    with refused(CheckpointInvalid, "not a whole model"):
        runtime.open(model)


@pytest.mark.parametrize("suffix", [".xml", ".ncnn.param"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_description_that_is_cut_off_is_refused(
    folder: Path, model: Path, suffix: str, share: float, refused
) -> None:
    file = folder / f"x{suffix}"
    models.openvino_of(model, file) if suffix == ".xml" else models.ncnn_classifier(file)
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with refused(CheckpointInvalid, file.name):
        runtime.open(file)


@pytest.mark.parametrize("suffix", [".xml", ".ncnn.param"])
def test_weights_that_are_cut_off_are_refused(folder: Path, model: Path, suffix: str, refused) -> None:
    file = folder / f"x{suffix}"
    models.openvino_of(model, file) if suffix == ".xml" else models.ncnn_classifier(file)
    weights = file.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:20])
    with refused(CheckpointInvalid, weights.name, "weights"):
        runtime.open(file)


@pytest.mark.parametrize("suffix", [".xml", ".ncnn.param"])
def test_half_a_pair_is_named(folder: Path, model: Path, suffix: str, refused) -> None:
    file = folder / f"x{suffix}"
    models.openvino_of(model, file) if suffix == ".xml" else models.ncnn_classifier(file)
    shutil.move(file.with_suffix(".bin"), folder / "elsewhere.dat")
    with refused(CheckpointInvalid, file.name, file.with_suffix(".bin").name):
        runtime.open(file)


def test_weights_alone_are_named(folder: Path, refused) -> None:
    (folder / "x.ncnn.bin").write_bytes(b"\0" * 64)
    with refused(CheckpointInvalid, "x.ncnn.param", "x.ncnn.xml"):
        runtime.open("x.ncnn.bin")


# --- a model that this machine cannot run -----------------------------------------------------------------------------


def test_an_opset_of_the_future_names_both_numbers(folder: Path, refused) -> None:
    with refused(ModelUnsupported, "opset 99", "up to", "opset_version", "pip install -U onnxruntime"):
        runtime.open(models.of_operator(folder / "x.onnx", opset=99))


def test_a_format_of_the_future_names_both_numbers(folder: Path, refused) -> None:
    with refused(ModelUnsupported, "IR version 99", "up to", "ir_version"):
        runtime.open(models.of_operator(folder / "x.onnx", ir=99))


def test_an_unknown_operator_is_named(folder: Path, refused) -> None:
    with refused(ModelUnsupported, "Frobnicate", "13"):
        runtime.open(models.of_operator(folder / "x.onnx", "Frobnicate"))


def test_an_unknown_layer_of_ncnn_is_refused(folder: Path, refused) -> None:
    file = models.ncnn_classifier(folder / "x.ncnn.param")
    file.write_text(file.read_text("utf-8").replace("Pooling", "Frobnicate"), "utf-8")
    with refused(ModelUnsupported, "x.ncnn.param", "ncnn"):
        runtime.open(file)


def test_a_provider_that_is_not_there_lists_those_that_are(model: Path, refused) -> None:
    with refused(DeviceUnavailable, "NopeExecutionProvider", "CPUExecutionProvider"):
        runtime.open(model, providers=["NopeExecutionProvider"])


@pytest.mark.parametrize("providers", ["CPUExecutionProvider", [], [3]])
def test_providers_are_a_list_of_names(model: Path, providers: object, refused) -> None:
    with refused(ParameterInvalid, "providers"):
        runtime.open(model, providers=providers)  # type: ignore[arg-type]


def test_providers_belong_to_onnx(folder: Path, refused) -> None:
    with refused(ParameterInvalid, "providers"):
        runtime.open(models.ncnn_classifier(folder / "x.ncnn.param"), providers=["CPUExecutionProvider"])


def test_a_provider_that_is_there_is_used(model: Path) -> None:
    assert runtime.open(model, providers=["CPUExecutionProvider"]).run({"input": TENSOR})[0].shape == (1, 3)


@pytest.mark.parametrize("given", [None, "7"])
def test_ncnn_is_loaded_with_threads_that_sleep_soon(given: str | None) -> None:
    code = """
        import os, sys
        seen = []
        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == "ncnn":
                    seen.append(os.environ.get("GOMP_SPINCOUNT"))
        sys.meta_path.insert(0, Finder())
        from XEdu.runtime import ncnn
        ncnn._package()
        print(seen, os.environ.get("GOMP_SPINCOUNT"))
    """
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    environment |= {} if given is None else {"GOMP_SPINCOUNT": given}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [f"['{given or 100}']", str(given)], done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are Linux's")
@pytest.mark.parametrize("suffix", [".onnx", pytest.param(".xml", marks=pytest.mark.full)])
def test_outputs_that_do_not_fit_into_memory_are_named(folder: Path, suffix: str) -> None:
    code = """
        import resource, sys
        from pathlib import Path
        import numpy as np
        from XEdu import runtime
        opened = runtime.open(Path(sys.argv[1]), threads=1)
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        opened.run({opened.inputs[0].name: np.zeros((1, 1), np.float32)})
    """
    file = models.of_many_outputs(folder / "x.onnx", 1 << 30)
    file = models.openvino_of(file, folder / "x.xml") if suffix == ".xml" else file
    command = [sys.executable, "-c", textwrap.dedent(code), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Error Code: -804" in done.stderr or "Error Code: -206" in done.stderr, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C of the console cannot be sent to one process there")
def test_ctrl_c_after_models_have_ended_is_ctrl_c(model: Path, folder: Path) -> None:
    """OpenVINO leaves the thread with a stack for signals that it has freed."""
    code = """
        import os, signal, sys, time
        from pathlib import Path
        from XEdu import runtime
        held = [runtime.open(Path(sys.argv[1])) for _ in range(2)]
        while held:
            held.pop(0)
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            print("interrupted")
    """
    file = models.openvino_of(model, folder / "x.xml")
    command = [sys.executable, "-c", textwrap.dedent(code), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["interrupted"]), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders there")
@pytest.mark.parametrize("name", ["x.onnx", "x.xml", "x.ncnn.param", "x.engine"])
def test_a_pipe_is_no_model_and_is_not_waited_for(folder: Path, refused, name: str) -> None:
    from XEdu.benchmark.files import existing

    os.mkfifo(folder / name)
    for door in (runtime.open, existing):
        with refused(CheckpointInvalid, "pipe"):
            door(folder / name)
