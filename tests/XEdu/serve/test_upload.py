"""``POST /upload``: the documented answers, however a picture is sent; and a sentence for whatever is none."""

from __future__ import annotations

import io
import json
import struct
import zlib
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from tests.XEdu.serve.conftest import Client, jpeg

import models_on_disk
import presets_on_disk
from BaseDT import image
from XEdu.hub import Workflow
from XEdu.serve import answering


def test_a_form_gives_what_print_result_prints(client: Client, models, capsys) -> None:
    answer = client("颜色.onnx").post("/upload", files={"files": ("图 片.jpg", jpeg("green"))})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    workflow = Workflow(task="mmedu", checkpoint=str(models / "颜色.onnx"))
    workflow.inference(image.decode(jpeg("green")))
    assert answer.json() == workflow.format_output(isprint=False)
    assert answer.json()["预测结果"] == "绿色"


def test_the_whole_body_may_be_the_picture_whatever_its_type_says(client: Client) -> None:
    asking = client("颜色.onnx")
    for kind in ("image/jpeg", "application/x-www-form-urlencoded", None):
        headers = {} if kind is None else {"content-type": kind}
        answer = asking.post("/upload", content=jpeg("blue"), headers=headers)
        assert answer.json()["预测结果"] == "蓝色", kind


def test_several_pictures_give_a_list_in_their_order(client: Client) -> None:
    sent = [("files", (f"{colour}.jpg", jpeg(colour))) for colour in ("red", "blue", "green")]
    answer = client("颜色.onnx").post("/upload", files=sent).json()
    assert [one["预测结果"] for one in answer] == ["红色", "蓝色", "绿色"]
    assert [one["文件名"] for one in answer] == ["red.jpg", "blue.jpg", "green.jpg"]


def test_boxes_are_in_pixels_of_the_picture_from_a_score_on(client: Client) -> None:
    asking = client("框.onnx")
    (box,) = asking.post("/upload", content=jpeg()).json()
    assert box["坐标"] == {"x1": 4, "y1": 6, "x2": 18, "y2": 18}
    assert len(asking.post("/upload?score=0.1", content=jpeg()).json()) == 3
    assert asking.post("/upload?score=1", content=jpeg()).json() == []


def test_keys_may_be_in_another_language(client: Client) -> None:
    answer = client("颜色.onnx").post("/upload?lang=en", content=jpeg()).json()
    assert answer["prediction"] == "红色"


def test_a_low_class_is_none_of_these_where_a_score_is_asked_for(client: Client) -> None:
    assert client("颜色.onnx").post("/upload?score=1", content=jpeg()).json()["标签"] == -1


@pytest.mark.parametrize("asked", ["/upload?mode=img", "/upload?draw=1"])
def test_the_drawn_picture_comes_back(client: Client, asked: str) -> None:
    answer = client("框.onnx").post(asked, content=jpeg(size=(240, 360)))
    assert answer.headers["content-type"] == "image/jpeg"
    picture = image.decode(answer.content)
    assert picture.shape == (240, 360, 3)
    assert not np.allclose(picture, image.decode(jpeg(size=(240, 360))), atol=30)
    assert unquote(answer.headers["x-result"]).startswith("绿色 0.9")


def test_a_service_of_pictures_gives_json_when_asked(client: Client) -> None:
    asking = client("颜色.onnx", mode="img")
    assert asking.post("/upload", content=jpeg()).headers["content-type"] == "image/jpeg"
    assert asking.post("/upload?mode=json", content=jpeg()).json()["标签"] == 0


@pytest.mark.parametrize(("name", "key"), [("区域.onnx", "占比"), ("多标签.onnx", "标签")])
def test_every_kind_is_answered(client: Client, name: str, key: str) -> None:
    answer = client(name).post("/upload", content=jpeg()).json()
    first = answer[0] if isinstance(answer, list) else answer
    assert key in first


def test_a_task_that_needs_no_model_is_answered(client: Client, tmp_path) -> None:
    hands = answering.open_task("pose_hand21", presets_on_disk.sources(tmp_path))
    asking = client(hands)
    assert asking.get("/info").json()["kind"] == "keypoints"
    data = io.BytesIO()
    Image.fromarray(presets_on_disk.spots((320, 240))[:, :, ::-1]).save(data, "PNG")
    (hand,) = asking.post("/upload", content=data.getvalue()).json()
    assert len(hand["关键点坐标"]) == 21


def bomb() -> bytes:
    """A PNG of some bytes that claims 7,000 × 7,000 pixels."""
    data = bytearray()
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "PNG")
    data += plain.getvalue()
    data[16:24] = struct.pack(">II", 7000, 7000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"files": {"files": ("a.txt", b"hello, this is no picture")}}, 415, "a.txt"),
        ({"content": b"%PDF-1.4 ..."}, 415, "PDF"),
        ({"content": b""}, 400, "'files'"),
        ({"content": jpeg()[:-200]}, 422, ""),
        ({"content": bomb()}, 415, "7000×7000"),
        ({"content": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)}, (415, 422), ""),
        ({"files": {"file": ("a.jpg", jpeg())}}, 400, "'file'"),
        ({"files": {"files": ("", b"")}}, (400, 422), ""),
        ({"data": {"files": "photo.jpg"}, "files": {"x": ("", b"")}}, 400, ""),
        ({"content": b"--x", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
        ({"content": b"rubbish", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400, "form"),
        ({"files": [("files", ("a.jpg", jpeg()))] * 17}, 400, "16"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_told(client: Client, sent, status, words: str) -> None:
    answer = client("颜色.onnx").post("/upload", **sent)
    told = answer.json()
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), told
    assert told["message"]
    assert told["hint"]
    assert words in told["message"] + told["hint"]
    assert told["code"] < 0


def test_of_several_pictures_the_damaged_one_is_named(client: Client) -> None:
    sent = [("files", ("good.jpg", jpeg())), ("files", ("../../坏.jpg", jpeg()[:-200]))]
    answer = client("颜色.onnx").post("/upload", files=sent)
    assert answer.status_code == 422
    assert "坏.jpg" in answer.json()["message"]
    assert ".." not in answer.json()["message"]


def test_a_text_in_the_field_says_how_to_send_a_file(client: Client) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nphoto.jpg\r\n--x--\r\n'
    answer = client("颜色.onnx").post(
        "/upload", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 400
    assert "with the @" in answer.json()["hint"]


@pytest.mark.parametrize(
    "query", ["score=2", "score=nan", "score=viel", "mode=xml", "draw=yes", "lang=tlh", "scor=0.5", "score=-1"]
)
def test_what_is_asked_wrongly_is_told(client: Client, query: str) -> None:
    answer = client("颜色.onnx").post(f"/upload?{query}", content=jpeg())
    assert answer.status_code == 400
    assert answer.json()["code"] == -305


def test_several_pictures_do_not_come_back_as_one(client: Client) -> None:
    sent = [("files", ("a.jpg", jpeg())), ("files", ("b.jpg", jpeg()))]
    assert client("颜色.onnx").post("/upload?mode=img", files=sent).status_code == 400


def test_the_message_is_in_the_askers_language(client: Client) -> None:
    asking = client("颜色.onnx")
    chinese = asking.post("/upload", content=b"x", headers={"accept-language": "zh-CN,zh;q=0.9"}).json()
    assert "图片" in chinese["message"] + chinese["hint"]
    assert "picture" in asking.post("/upload", files={"a": ("a", b"x")}).json()["message"]


def test_a_model_that_tells_nothing_of_itself_is_not_served(models, refused) -> None:
    from BaseDT.errors import CheckpointInvalid

    with refused(CheckpointInvalid, "无名.onnx"):
        answering.open_model(models / "无名.onnx")


def test_a_model_whose_outputs_do_not_fit_is_refused_before_it_serves(tmp_path, refused) -> None:
    from BaseDT.errors import CheckpointInvalid

    file = models_on_disk.classifier(tmp_path / "x.onnx", softmax=False)
    with refused(CheckpointInvalid, "probabilities"):
        answering.open_model(file).warm_up()


def test_info_tells_what_answers(client: Client) -> None:
    told = client("颜色.onnx").get("/info").json()
    assert told["classes"] == ["红色", "绿色", "蓝色"]
    assert told["kind"] == "classification"
    assert json.dumps(told)
    ids = [program["id"] for program in told["programs"]]
    assert ids == ["python", "urllib", "curl", "micropython"]
