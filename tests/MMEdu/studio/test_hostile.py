"""Those who mean no good: each request is refused with its status, nothing is read or written that is not the user's.

Every route is found by itself: one that comes later is attacked, too.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image
from starlette.testclient import TestClient
from tests.MMEdu.studio.conftest import HEADERS, TOKEN, wait_until

import models_on_disk
from BaseDT import image
from BaseDT.image import writing
from MMEdu.studio.app import _found_routes, make_app
from MMEdu.studio.files import Files
from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door
from XEdu.serve.guard import LARGEST

SECRET = "nobody-may-read-this"
PICTURE = writing.jpeg(models_on_disk.picture())
BASE = "http://127.0.0.1"


@dataclass(frozen=True)
class Attacked:
    """A studio with something in it, and something beside it that is not its own.

    Attributes:
        client: One who has come in: page or pupil, whom a foreign page could try to use.
        folder: The work folder.
        beside: What lies beside it.
        ids: Of what is there, by the names that paths have.
    """

    client: TestClient
    folder: Path
    beside: Path
    ids: dict[str, str]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """Made once: no attack may change it."""
    beside = tmp_path_factory.mktemp("家")
    folder = beside / "工作 区"
    folder.mkdir()
    (beside / "secret.txt").write_text(SECRET, encoding="ascii")
    (beside / "secret.onnx").write_text(SECRET, encoding="ascii")
    studio = Studio(folder, Door(TOKEN, cookie="mmedu_test"), BASE)
    with TestClient(make_app(studio), base_url=BASE, headers=HEADERS, raise_server_exceptions=False) as client:
        assert client.post("/api/session", json={"token": TOKEN}).status_code == 200
        models_on_disk.classifier(folder / "m.onnx")
        project = client.post("/api/projects", json={"kind": "classify", "name": "石头"}).json()["id"]
        find = client.post("/api/projects", json={"kind": "find", "name": "浣熊"}).json()["id"]
        one = client.post(f"/api/projects/{project}/classes", json={"name": "a"}).json()["id"]
        added = client.post(f"/api/projects/{project}/classes/{one}/pictures", content=PICTURE)
        picture = added.json()["added"][0]["id"]
        for name, target in {"link.txt": "secret.txt", "link.onnx": "secret.onnx", "link": "."}.items():
            (folder / name).symlink_to((beside / target).resolve())
        model = client.get("/api/models").json()["models"][0]["id"]
        ids = {"id": project, "c": one, "p": picture, "find": find, "model": model}
        yield Attacked(client, folder, beside, ids)
        left = sorted(path.name for path in beside.iterdir())
        assert left == ["secret.onnx", "secret.txt", "工作 区"]
    studio.close()


def _check(answer: Any, what: object = "") -> None:
    """Hold that an answer is a refusal or harmless: no stumbling, no secret, nothing that a browser would run."""
    assert answer.status_code < 500, (what, answer.text[:300])
    assert SECRET.encode() not in answer.content, what
    assert b"root:x:" not in answer.content, what
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


# --- who may ask ------------------------------------------------------------------------------------------------------

_FOREIGN: tuple[tuple[dict[str, str], str], ...] = (
    ({"Host": "evil.example"}, "host"),
    ({"Host": "127.0.0.1.evil.example"}, "host"),
    ({"Host": "localhost.evil.example:8765"}, "host"),
    ({"Host": "evil.example#127.0.0.1"}, "host"),
    ({"Host": "127.0.0.1@evil.example"}, "host"),
    ({"Host": "[::1"}, "host"),
    ({"Host": "0.0.0.0"}, "host"),
    ({"Host": "192.168.1.7"}, "host"),
    ({"Host": ""}, "host"),
    ({"Origin": "http://evil.example"}, "origin"),
    ({"Origin": "null"}, "origin"),
    ({"Origin": "http://127.0.0.1:1956"}, "origin"),
    ({"Origin": "http://127.0.0.1.evil.example"}, "origin"),
    ({"Origin": "file://"}, "origin"),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "origin"),
    ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, "origin"),
)  # fmt: skip


@pytest.mark.parametrize(("headers", "word"), _FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_page_gets_nothing(attacked: Attacked, headers: dict[str, str], word: str, method: str) -> None:
    answer = attacked.client.request(method, "/api/projects", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"] == word


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
def test_a_form_of_another_page_lacks_the_header(attacked: Attacked, method: str) -> None:
    bare = {name: value for name, value in attacked.client.headers.items() if name != "x-mmedu"}
    kept = dict(attacked.client.headers)
    try:
        attacked.client.headers = bare  # type: ignore[assignment]
        answer = attacked.client.request(method, f"/api/projects/{attacked.ids['id']}")
    finally:
        attacked.client.headers = kept  # type: ignore[assignment]
    assert answer.status_code == 403
    assert answer.json()["error"] == "header"


def _routes() -> list[tuple[str, str]]:
    found = [(route.path, method) for route in _found_routes() for method in sorted(route.methods)]  # type: ignore[attr-defined]
    return [(path, method) for path, method in found if method != "HEAD"]


@pytest.mark.parametrize("cookie", [None, "", "wrong", "0" * 64, TOKEN, "ſ" * 20])
def test_nothing_is_said_to_who_has_not_come_in(attacked: Attacked, cookie: str | None) -> None:
    application = attacked.client.app
    with TestClient(application, base_url=BASE, headers=HEADERS) as outside:
        if cookie is not None:
            outside.headers["cookie"] = f"mmedu_test={quote(cookie)}; mmedu=1"
        for path, method in _routes():
            asked = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: attacked.ids.get(found[1], "x"), path)
            if not asked.startswith("/api/") or asked in ("/api/session", "/api/words", "/api/hello"):
                continue
            assert outside.request(method, asked).status_code == 401, (method, asked)


@pytest.mark.parametrize("sent", [{"token": "wrong"}, {"token": TOKEN[:-1]}, {"token": ["t"]}, {"pin": "0000"}, {}])
def test_a_wrong_token_opens_nothing(attacked: Attacked, sent: dict[str, object]) -> None:
    with TestClient(attacked.client.app, base_url=BASE, headers=HEADERS) as outside:
        answer = outside.post("/api/session", json=sent)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers


def test_the_cookie_is_for_this_site_and_for_no_script(attacked: Attacked) -> None:
    answer = attacked.client.post("/api/session", json={"token": TOKEN})
    told = answer.headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=strict" in told
    assert TOKEN not in told


def test_many_guesses_at_once_are_no_more_than_a_few(tmp_path: Path) -> None:
    studio = Studio(tmp_path, Door(TOKEN, "4821", cookie="mmedu_pin"), BASE)
    statuses: list[int] = []
    with TestClient(make_app(studio), base_url=BASE, headers=HEADERS) as outside:

        def guess(number: int) -> None:
            statuses.append(outside.post("/api/session", json={"pin": f"{number:04}"}).status_code)

        threads = [threading.Thread(target=guess, args=(number,)) for number in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(statuses) <= {401, 429}
        assert len(studio.door._wrong) == 5
        assert outside.post("/api/session", json={"pin": "4821"}).status_code == 429
        # Who has the address is not shut out.
        assert outside.post("/api/session", json={"token": TOKEN}).status_code == 200


def test_the_token_is_written_so_that_nobody_else_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from MMEdu.studio.server import kept_token

    monkeypatch.setenv("MMEDU_HOME", str(tmp_path))
    token = kept_token()
    assert kept_token() == token
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    if os.name != "nt":
        assert file.stat().st_mode & 0o077 == 0


# --- paths ------------------------------------------------------------------------------------------------------------

_TRAVERSALS = (
    "..", ".", "~", "../../secret.txt", "..%2f..%2fsecret.txt", "%2e%2e%2f%2e%2e%2fsecret.txt",
    "..%5c..%5csecret.txt", "..%252f..%252fsecret.txt", "%2fetc%2fpasswd", "//etc/passwd", "link.txt",
    "link%2fsecret.txt", "%00", "a%00.txt", "%ff%fe", "nul.txt", "C:%5cWindows%5cwin.ini", "%5c%5chost%5cshare",
    "%0d%0aa:b", "file:%2f%2f%2fetc%2fpasswd", "http:%2f%2f169.254.169.254%2f", "x" * 3000, "-1", "1e999", "__proto__",
    "%f0%9f%92%a5", "';import%20os;'", "%3Cscript%3E", "{id}", "%25s%25n", "%ed%a0%80",
)  # fmt: skip


@pytest.mark.parametrize("value", _TRAVERSALS)
def test_no_path_parameter_leads_anywhere(attacked: Attacked, value: str) -> None:
    for path, method in _routes():
        if method == "DELETE" and value.startswith("."):  # a client goes up by itself: that would be another address
            continue
        names = re.findall(r"\{(\w+)(?::\w+)?\}", path)
        for place, name in enumerate(names):
            asked = path
            for at, other in enumerate(names):
                project = attacked.ids["find" if "boxes" in path or "coco" in path else "id"]
                good = project if other == "id" else attacked.ids.get(other, "x")
                asked = re.sub(rf"\{{{other}(?::\w+)?\}}", lambda _, at=at: value if at == place else good, asked)  # noqa: B023
            _check(attacked.client.request(method, asked, follow_redirects=False), (method, asked, name))


def test_ids_of_another_kind_find_nothing(attacked: Attacked) -> None:
    ids = attacked.ids
    for path in (
        f"/api/projects/{ids['model']}",
        f"/api/projects/{ids['c']}",
        f"/api/projects/{ids['id']}/pictures/{ids['c']}",
        f"/api/projects/{ids['find']}/pictures/{ids['p']}",
        f"/api/jobs/{ids['id']}",
        f"/api/code/{ids['model']}",
        f"/api/files/{ids['id']}",
        f"/api/services/{ids['model']}/qr",
        f"/api/projects/{ids['id']}/boxes/{ids['c']}",
    ):
        answer = attacked.client.get(path)
        assert answer.status_code in (400, 404), path
        assert answer.json()["message"]


def test_no_identifier_of_a_file_can_be_made(attacked: Attacked) -> None:
    import base64

    known = attacked.ids["model"]
    name = base64.urlsafe_b64decode(known + "=" * (-len(known) % 4))
    for forged in (name[:12] + b"../secret.txt", bytes(12) + b"m.onnx", b"m.onnx", name[:11] + b"?" + name[12:]):
        identifier = base64.urlsafe_b64encode(forged).decode("ascii").rstrip("=")
        assert attacked.client.get(f"/api/files/{identifier}").status_code == 404


def test_a_link_out_of_the_work_folder_is_not_followed(attacked: Attacked) -> None:
    listed = attacked.client.get("/api/models").json()["models"]
    assert [model["name"] for model in listed] == ["m.onnx"]
    # A file that became a link after it was given an identifier.
    studio = Studio(attacked.folder, Door(TOKEN, cookie="mmedu_test"), BASE)
    later = attacked.folder / "later.onnx"
    later.write_bytes(b"x")
    identifier = studio.room(Files).add(later)
    later.unlink()
    later.symlink_to(attacked.beside / "secret.onnx")
    try:
        assert attacked.client.get(f"/api/files/{identifier}").status_code == 404
        assert attacked.client.post("/api/services", json={"model": identifier}).status_code == 404
    finally:
        later.unlink()


# --- what is sent -----------------------------------------------------------------------------------------------------

_VALUES: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, float("nan"), float("inf"), "", [], {}, [[]], {"a": 1}, [None], ["\ud800"], "\ud800",
    "a\0b", "\n\r\t", "💥" * 50, "x" * 3000, "../../secret.txt", "link.txt", "link/secret.onnx", "\\\\host\\share",
    "http://169.254.169.254/latest", "file:///etc/passwd", "'); import os; os.system('touch pwned')#", "con", "--lan",
)  # fmt: skip
_FIELDS = (
    "name", "kind", "start", "color", "class", "pictures", "settings", "order", "model", "task", "upload", "path",
    "what", "backbone", "boxes", "item", "address", "file",
)  # fmt: skip


@pytest.mark.parametrize("value", _VALUES, ids=lambda value: ascii(value)[:30])
def test_no_value_of_any_field_makes_it_stumble(attacked: Attacked, value: Any) -> None:
    left_out = ("/api/session", "/api/jobs", "/api/class/join")
    for path, method in _routes():
        if method != "POST" or path in left_out or "take" in path:
            continue
        find = "boxes" in path or "coco" in path
        known = attacked.ids | {"id": attacked.ids["find" if find else "id"]}
        asked = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found, known=known: known.get(found[1], "x"), path)
        sent = dict.fromkeys(_FIELDS, value)
        if path == "/api/projects":
            sent["kind"] = "classify"
            made = _post(attacked.client, asked, sent)
            if made.status_code == 200:
                attacked.client.delete(f"/api/projects/{made.json()['id']}")
        _check(_post(attacked.client, asked, sent) if path != "/api/projects" else made, asked)
        for field in ("name", "model"):
            if path != "/api/projects":
                _check(_post(attacked.client, asked, {field: value}), (asked, field))


def _post(client: TestClient, path: str, value: object) -> Any:
    return client.post(path, content=json.dumps(value).encode(), headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    "body", [b"[", b"null", b"[1]", b'"x"', b"[" * 100_000, b"1" * 100_000, b"\xff\xfe{}", b"{}" * 2], ids=range(8)
)
def test_what_is_no_object_is_refused(attacked: Attacked, body: bytes) -> None:
    for path in ("/api/projects", "/api/code", "/api/services", "/api/sets/check"):
        answer = attacked.client.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400, (path, answer.text)
        _check(answer)


_CODE = (
    "'); import os; os.system('touch pwned')#",
    '"""\nimport os\nos.system("touch pwned")\n"""',
    "\\",
    "{__import__('os').system('touch pwned')}",
    "x\nimport os",
)
_SETTINGS = (
    "task", "dataset", "model", "backbone", "save_fold", "epochs", "lr", "batch_size", "name", "backend", "dynamic",
    "checkpoint", "project", "thr", "max_drop", "images", "calibration", "random_seed", "pretrained", "optimizer",
    "language", "run", "folder", "python", "code", "device", "class_path", "__class__",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["train", "convert", "quantize", "evaluate", "'); import os#"])
def test_no_setting_becomes_code(attacked: Attacked, kind: str) -> None:
    for folder in ("'); import os; os.system('touch pwned')#", '数据 "集"'):
        (attacked.folder / "datasets" / folder).mkdir(parents=True, exist_ok=True)
    good = {"task": "classification", "backbone": "LeNet", "dataset": 'datasets/数据 "集"', "model": "m.onnx"}
    for setting in _SETTINGS:
        for value in (*_CODE, "datasets/'); import os; os.system('touch pwned')#"):
            answer = _post(attacked.client, "/api/code", {"kind": kind, "settings": {**good, setting: value}})
            _check(answer, (setting, value))
            if answer.status_code != 200:
                continue
            tree = ast.parse(answer.json()["code"])
            imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
            assert imported <= {"MMEdu", "XEdu"}, imported
            called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            assert not called & {"os", "eval", "exec", "__import__", "system"}, called
    assert not list(attacked.folder.rglob("pwned"))


def _bomb_picture() -> bytes:
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "PNG")
    data = bytearray(plain.getvalue())
    data[16:24] = struct.pack(">II", 30_000, 30_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def _zip(names: dict[str, bytes], *, link: bool = False) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if link:
                info.external_attr = 0o120777 << 16
            archive.writestr(info, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        PICTURE[:-200],
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
        b"RIFF\0\0\0\0AVI LIST",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        _bomb_picture(),
    ],
    ids=["empty", "gif", "cut", "heic", "film", "svg", "html", "bomb"],
)
def test_what_is_no_picture_is_no_picture_of_a_project(attacked: Attacked, data: bytes) -> None:
    place = f"/api/projects/{attacked.ids['id']}/classes/{attacked.ids['c']}/pictures"
    for answer in (
        attacked.client.post(place, content=data, headers={"content-type": "image/jpeg"}),
        attacked.client.post(f"/api/predict?project={attacked.ids['id']}", content=data),
        attacked.client.post(f"/api/try?model={attacked.ids['model']}", content=data),
    ):
        _check(answer)
    assert attacked.client.get(f"/api/projects/{attacked.ids['id']}").json()["classes"][0]["count"] == 1


@pytest.mark.parametrize(
    "data",
    [
        _zip({"../../escaped.png": PICTURE}),
        _zip({"/etc/escaped.png": PICTURE}),
        _zip({"..\\..\\escaped.png": PICTURE}),
        _zip({"C:/escaped.png": PICTURE}),
        _zip({"a/link.png": b"/etc/passwd"}, link=True),
        _zip({"a.png": bytes(300 * 1024 * 1024)}),
        b"PK\x03\x04" + bytes(100),
    ],
    ids=["dots", "absolute", "backslash", "drive", "link", "bomb", "broken"],
)
def test_a_zip_of_a_stranger_leaves_nothing_anywhere(attacked: Attacked, data: bytes) -> None:
    place = f"/api/projects/{attacked.ids['id']}/classes/{attacked.ids['c']}/pictures"
    _check(attacked.client.post(place, files={"files": ("a.zip", data)}))
    _check(attacked.client.post("/api/projects", files={"files": ("a.zip", data)}))
    for listed in attacked.client.get("/api/projects").json()["projects"]:
        if listed["id"] not in attacked.ids.values():
            attacked.client.delete(f"/api/projects/{listed['id']}")
    upload = attacked.client.post("/api/uploads", json={}).json()["upload"]
    attacked.client.post(f"/api/uploads/{upload}/files", files={"files": ("a.zip", data)})
    _check(attacked.client.post("/api/sets", json={"upload": upload}))
    assert not list(attacked.beside.rglob("escaped*"))
    assert attacked.client.get(f"/api/projects/{attacked.ids['id']}").json()["classes"][0]["count"] == 1


@pytest.mark.parametrize("name", ["../../escaped", "/etc/escaped", "..\\escaped", "C:\\escaped", "a\0b", "..", "nul"])
def test_the_name_of_an_uploaded_file_is_no_path(attacked: Attacked, name: str) -> None:
    upload = attacked.client.post("/api/uploads", json={}).json()["upload"]
    _check(attacked.client.post(f"/api/uploads/{upload}/piece", params={"file": name, "offset": "0"}, content=b"x"))
    _check(attacked.client.post(f"/api/uploads/{upload}/files", files={"files": (name, b"x")}))
    _check(attacked.client.post("/api/models", json={"upload": upload}))
    assert not list(attacked.beside.rglob("escaped*.onnx"))
    assert sorted(path.name for path in attacked.beside.iterdir()) == ["secret.onnx", "secret.txt", "工作 区"]


def test_what_is_too_large_is_refused_before_it_is_read(attacked: Attacked) -> None:
    answer = attacked.client.post("/api/projects", content=bytes(LARGEST + 1))
    assert answer.status_code == 413
    lied = attacked.client.post("/api/projects", content=b"{}", headers={"content-length": "-5"})
    assert lied.status_code == 400


def test_a_model_of_a_stranger_runs_nothing(attacked: Attacked) -> None:
    import pickle

    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (f"touch {attacked.folder}/pwned",)

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # as torch.save packs it
        archive.writestr("archive/data.pkl", pickle.dumps({"meta": Harm(), "state_dict": {}}, protocol=2))
        archive.writestr("archive/version", "3\n")
    upload = attacked.client.post("/api/uploads", json={}).json()["upload"]
    attacked.client.post(f"/api/uploads/{upload}/files", files={"files": ("harm.pth", buffer.getvalue())})
    (model,) = attacked.client.post("/api/models", json={"upload": upload}).json()["models"]
    answer = attacked.client.post("/api/try/open", json={"model": model["id"]})
    (attacked.folder / model["path"]).unlink()
    assert answer.status_code == 400
    _check(answer)
    assert not (attacked.folder / "pwned").exists()


def test_a_run_that_somebody_brought_runs_no_program_of_theirs(tmp_path: Path) -> None:
    folder = tmp_path / "工作 区"
    folder.mkdir()
    models_on_disk.classifier(folder / "m.onnx")
    for colour, name in zip(models_on_disk.COLOURS, models_on_disk.CLASSES, strict=True):
        image.write(folder / "datasets" / "c" / name / "1.png", models_on_disk.picture(colour))
    run = folder / "projects" / "from a friend" / "runs" / "evaluate_1"
    harm = f"open({str(tmp_path / 'pwned')!r}, 'w').close()\n"
    for name in ("program.py", "MMEdu/__init__.py", "json.py", "sitecustomize.py"):
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(harm, encoding="utf-8")
    settings = {"model": "m.onnx", "dataset": "datasets/c"}
    told = {"format": 1, "id": "0" * 12, "kind": "evaluate", "name": "x", "settings": settings, "state": "waiting"}
    (run / "job.json").write_text(json.dumps(told), encoding="utf-8")
    studio = Studio(folder, Door(TOKEN, cookie="mmedu_run"), BASE)
    with TestClient(make_app(studio), base_url=BASE, headers=HEADERS) as client:
        client.post("/api/session", json={"token": TOKEN})
        client.get("/api/jobs")
        client.post("/api/jobs", json={"kind": "evaluate", "settings": settings})  # whatever lets it look after those
        job = wait_until(lambda: _over(client, "0" * 12), 60)
    studio.close()
    assert job["state"] == "done", job
    assert not (tmp_path / "pwned").exists()
    assert "pwned" not in (run / "program.py").read_text(encoding="utf-8")


def _over(client: TestClient, job_id: str) -> Any:
    job = client.get(f"/api/jobs/{job_id}").json()
    return None if job["state"] in ("waiting", "running") else job


def test_what_a_project_is_called_is_never_markup(attacked: Attacked) -> None:
    name = "<img src=x onerror=alert(1)>"
    made = attacked.client.post("/api/projects", json={"kind": "classify", "name": name}).json()
    try:
        answer = attacked.client.get("/api/projects")
        assert answer.headers["content-type"].startswith("application/json")
        page = attacked.client.get(f"/teach/{made['id']}")
        assert name not in page.text
    finally:
        attacked.client.delete(f"/api/projects/{made['id']}")
