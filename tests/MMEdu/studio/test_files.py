"""Files by identifiers: of the work folder alone, whatever a browser asks for."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from MMEdu.studio.files import Files
from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door


def _written(path: Path, data: bytes = b"data") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("图 片.png", "image/png", "inline"),
        ("a.JPG", "image/jpeg", "inline"),
        ("程序 'x\".py", "text/x-python; charset=utf-8", "attachment"),
        ("page.html", "application/octet-stream", "attachment"),
        ("drawing.svg", "application/octet-stream", "attachment"),
        ("model.onnx", "application/octet-stream", "attachment"),
        ("log.json", "application/json; charset=utf-8", "attachment"),
        ("没有后缀" * 20, "application/octet-stream", "attachment"),
    ],
)
def test_a_file_is_served_under_its_name(studio: Studio, client: TestClient, name: str, kind: str, shown: str) -> None:
    path = _written(studio.folder / "runs" / name, b"content")
    identifier = studio.room(Files).add(path)
    assert identifier.replace("-", "").replace("_", "").isalnum()
    answer = client.get(f"/api/files/{identifier}")
    assert (answer.status_code, answer.content) == (200, b"content")
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    told = answer.headers["content-disposition"]
    assert told.startswith(shown)
    assert quote(name) in told or name in told
    saved = client.get(f"/api/files/{identifier}?save=1").headers["content-disposition"]
    assert saved.startswith("attachment")


def test_an_identifier_means_the_same_after_a_restart_and_nothing_at_another_studio(tmp_path: Path) -> None:
    path = _written(tmp_path / "工作 区" / "a.txt")
    identifier = Files(Studio(path.parent, Door("a" * 43))).add(path)
    assert Files(Studio(path.parent, Door("a" * 43))).path(identifier) == path
    with pytest.raises(HTTPException):
        Files(Studio(path.parent, Door("b" * 43))).path(identifier)


@pytest.mark.parametrize(
    "identifier",
    ["x", "../../etc/passwd", "%2e%2e%2fetc%2fpasswd", "a" * 5000, "文件", "AAAA", "=" * 9, "\0"],
)
def test_what_the_server_did_not_give_is_nothing(client: TestClient, identifier: str) -> None:
    assert client.get(f"/api/files/{quote(identifier, safe='')}").status_code == 404


def test_nobody_makes_an_identifier(studio: Studio, client: TestClient) -> None:
    path = _written(studio.folder / "a.txt")
    identifier = studio.room(Files).add(path)
    data = base64.urlsafe_b64decode(identifier + "=" * (-len(identifier) % 4))
    for forged in (
        data[:12] + b"b.txt",
        bytes([data[0] ^ 1]) + data[1:],
        data[:12],
        data + b"\0",
        data[:12] + b"/etc/passwd",
    ):
        other = base64.urlsafe_b64encode(forged).decode().rstrip("=")
        assert client.get(f"/api/files/{other}").status_code == 404, forged


def test_nothing_outside_the_work_folder_is_given(studio: Studio, client: TestClient, tmp_path: Path) -> None:
    outside = _written(tmp_path / "secret.txt")
    with pytest.raises(ValueError, match="subpath"):
        studio.room(Files).add(outside)
    inside = _written(studio.folder / "runs" / "a.txt")
    identifier = studio.room(Files).add(inside)
    inside.unlink()
    assert client.get(f"/api/files/{identifier}").status_code == 404
    inside.mkdir()
    assert client.get(f"/api/files/{identifier}").status_code == 404
    inside.rmdir()
    try:
        inside.symlink_to(outside)
    except OSError:
        pytest.skip("no links here")
    assert client.get(f"/api/files/{identifier}").status_code == 404


def test_a_stranger_gets_nothing(studio: Studio, stranger: TestClient) -> None:
    identifier = studio.room(Files).add(_written(studio.folder / "a.txt"))
    assert stranger.get(f"/api/files/{identifier}").status_code == 401
