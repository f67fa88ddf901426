"""The temporary folder of an export: gone afterwards, and a disk that is full there has a name."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from types import SimpleNamespace

import onnx
import pytest

from BaseDT.errors import AccuracyLost, DiskFull, ExportFailed, PathNotWritable
from MMEdu import MMClassification
from MMEdu.export import temporary_folder


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder for temporary files."""
    place = tmp_path / "临时 文件"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def no_room(temporary, monkeypatch) -> None:
    """There is no room for what is written into the temporary folder, whoever writes it."""

    def full(file: object, *_: object) -> None:
        if temporary in Path(str(file)).parents:
            raise OSError(errno.ENOSPC, "No space left on device")
        pytest.fail(f"{file} was to be written")

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(onnx, "save", lambda model, file: full(file))
    monkeypatch.setattr(temporary_folder.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))


def refusal(temporary: Path) -> str:
    return f"No room left in the temporary folder {temporary}."


@pytest.mark.parametrize("backend", ["ONNX", "NCNN"])
def test_convert_names_the_temporary_folder_and_how_to_choose_another(
    trained, workplace, temporary, no_room, refused, backend
):
    with refused(DiskFull, refusal(temporary), "TMPDIR"):
        MMClassification("LeNet").convert(trained.checkpoint, backend, "x")
    assert list(workplace.iterdir()) == list(temporary.iterdir()) == []


def test_openvino_does_not_say_why_it_could_not_write(trained, workplace, temporary, no_room, refused, monkeypatch):
    openvino = pytest.importorskip("openvino")

    def failing(*_: object, **__: object) -> None:
        raise RuntimeError("basic_ios::clear: iostream error")

    monkeypatch.setattr(openvino, "save_model", failing)
    with refused(DiskFull, refusal(temporary), "TMPDIR"):
        MMClassification("LeNet").convert(trained.checkpoint, "OpenVINO", "x")


def test_pnnx_ends_well_with_half_a_file(trained, workplace, temporary, refused, monkeypatch):
    pytest.importorskip("pnnx")
    monkeypatch.setattr(temporary_folder.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with refused(DiskFull, refusal(temporary)):
        MMClassification("LeNet").convert(trained.checkpoint, "NCNN", "x")


def test_quantize_names_it_too(trained, converted, workplace, temporary, no_room, refused):
    for checkpoint in (trained.checkpoint, converted.file):
        with refused(DiskFull, refusal(temporary), "TMPDIR"):
            MMClassification("LeNet").quantize(checkpoint, "x", trained.dataset)
    assert list(workplace.iterdir()) == list(temporary.iterdir()) == []


def test_onnxruntime_itself_finds_no_room(trained, converted, workplace, temporary, refused, monkeypatch):
    quantization = pytest.importorskip("onnxruntime.quantization")

    def failing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(quantization, "quantize_static", failing)
    with refused(DiskFull, refusal(temporary)):
        MMClassification("LeNet").quantize(converted.file, "x", trained.dataset)


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, DiskFull, "No room left in the temporary folder"),
        (errno.ENOENT, PathNotWritable, "There is no folder for temporary files: No usable temporary directory found."),
    ],
)
def test_where_not_even_the_folder_can_be_made(temporary, monkeypatch, refused, number, kind, words):
    said = "No usable temporary directory found"

    def failing(*_: object, **__: object) -> None:
        raise OSError(number, said)

    monkeypatch.setattr(tempfile, "mkdtemp", failing)
    with refused(kind, words, "TMPDIR"):
        temporary_folder.TemporaryFolder().__enter__()


def end_with(error: BaseException) -> None:
    with temporary_folder.TemporaryFolder() as folder:
        (folder / "图 片.bin").write_bytes(b"x")
        raise error


@pytest.mark.parametrize(
    ("error", "free"),
    [
        (ExportFailed("Not with this opset."), 10**9),
        (AccuracyLost("Too much."), 0),
        (DiskFull("No room left to write x.onnx."), 0),
        (PathNotWritable("Cannot write x.onnx."), 0),
        (OSError(errno.EACCES, "no"), 0),
        (KeyboardInterrupt(), 0),
    ],
)
def test_what_has_nothing_to_do_with_the_temporary_disk_stays_what_it_is(temporary, monkeypatch, error, free):
    monkeypatch.setattr(temporary_folder.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(type(error)) as caught:
        end_with(error)
    assert caught.value is error
    assert list(temporary.iterdir()) == []
