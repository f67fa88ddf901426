"""Zips from a browser: pictures come out, nothing else does, and nothing is unpacked that would grow."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest
from tests.MMEdu.studio.projects.conftest import Encoded

from BaseDT.errors import DatasetInvalid, XEduError
from MMEdu.studio.projects import archives


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def refusals(data: bytes) -> dict[str, str]:
    told = {}
    for one in archives.entries(data, "set.zip"):
        try:
            one.read()
        except XEduError as error:
            told[one.path] = error.message
    return told


def test_pictures_come_out_and_what_systems_leave_does_not(encoded: Encoded) -> None:
    data = zipped(
        {
            "石头/1.jpg": encoded(1),
            "布/2.png": encoded(2, suffix=".png"),
            "布/.DS_Store": b"x",
            "__MACOSX/布/._2.png": b"x",
        }
    )
    assert archives.is_zip(data)
    assert [(one.path, one.read()) for one in archives.entries(data, "set.zip")] == [
        ("石头/1.jpg", encoded(1)),
        ("布/2.png", encoded(2, suffix=".png")),
    ]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("石头", "gbk"), ("石头", "utf-8"), ("小猫", "gbk"), ("联通", "gbk"), ("café", "utf-8"), ("Ñandú", "utf-8")],
)
def test_names_of_old_windows_and_of_macos_are_read(encoded: Encoded, name: str, encoding: str) -> None:
    raw = name.encode(encoding).decode("cp437")
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        info = zipfile.ZipInfo("?" * len(f"{raw}/1.jpg".encode("cp437")))
        archive.writestr(info, encoded())
    written = plain.getvalue().replace(info.filename.encode(), f"{raw}/1.jpg".encode("cp437"))
    assert [one.path for one in archives.entries(written, "set.zip")] == [f"{name}/1.jpg"]


@pytest.mark.parametrize("name", ["../up.jpg", "a/../../up.jpg", "/etc/up.jpg", "C:/up.jpg", "..\\up.jpg"])
def test_a_path_out_of_the_folder_is_refused_by_name(encoded: Encoded, name: str) -> None:
    data = zipped({name: encoded(), "a/1.jpg": encoded()})
    assert list(refusals(data).values()) == [f"{name.replace(chr(92), '/')} would lie outside of its folder."]


def test_links_zips_within_and_passwords_are_refused_by_name(encoded: Encoded) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        link = zipfile.ZipInfo("a/link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", zipped({"1.jpg": encoded()}))
        archive.writestr("a/locked.jpg", encoded())
    content = bytearray(data.getvalue())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"a/locked.jpg"))
    content[at + 8] |= 1  # encrypted, says the directory
    told = refusals(bytes(content))
    assert "link" in told["a/link.jpg"]
    assert "zip within" in told["inner.zip"]
    assert "cannot be unpacked" in told["a/locked.jpg"]


def test_a_zip_that_would_grow_is_refused_whole(encoded: Encoded) -> None:
    bomb = zipped({"1.jpg": encoded(), "zeros.jpg": bytes(50_000_000)})
    assert len(bomb) < 100_000
    with pytest.raises(DatasetInvalid, match=r"set\.zip would grow") as caught:
        archives.entries(bomb, "set.zip")
    assert "folder" in caught.value.hint


def test_a_zip_that_lies_about_a_size_gives_no_more_than_is_allowed(encoded: Encoded) -> None:
    data = bytearray(zipped({"zeros.jpg": bytes(1_000_000), "1.jpg": encoded()}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + offset
        data[at : at + 4] = (1000).to_bytes(4, "little")
    assert "zeros.jpg" in refusals(bytes(data))
    found = {one.path: one for one in archives.entries(bytes(data), "set.zip")}
    assert found["1.jpg"].read() == encoded()


def test_too_many_files_no_picture_and_half_a_zip_are_refused(encoded: Encoded) -> None:
    with pytest.raises(DatasetInvalid, match="6001 files"):
        archives.entries(zipped({f"{n}.jpg": b"x" for n in range(6001)}, zipfile.ZIP_STORED), "set.zip")
    with pytest.raises(DatasetInvalid, match="no pictures"):
        archives.entries(zipped({"a.txt": b"x"}), "set.zip")
    with pytest.raises(DatasetInvalid, match="no pictures"):
        archives.entries(zipped({}), "set.zip")
    whole = zipped({"1.jpg": encoded()})
    with pytest.raises(DatasetInvalid, match="damaged"):
        archives.entries(whole[: len(whole) // 2], "set.zip")
