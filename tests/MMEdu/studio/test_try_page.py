"""Try in a browser: models of the folder and from a file, pictures, the camera, thresholds, what is saved."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests import models_on_disk as disk
from tests.MMEdu import detection_data
from tests.MMEdu.studio.conftest import OpenPage, StartStudio, make_film

from BaseDT.image import read, write


def option(page: object, text: str) -> str:
    """Return the value of a model in the list."""
    found = page.locator("#which_model option", has_text=text).first.get_attribute("value")  # type: ignore[attr-defined]
    return str(found)


def test_pictures_thresholds_and_what_is_saved(start_studio: StartStudio, open_page: OpenPage, tmp_path: Path) -> None:
    work = tmp_path / "工作 区"
    known = replace(disk.info(("<b>红", "绿", "很长" * 60)), threshold=0.4)
    disk.classifier(work / "颜 色.onnx", known=known)
    disk.detector(work / "模型" / "找.onnx", [(2, 4, 8, 12, 0.9), (0, 0, 4, 4, 0.4)], [1, 0])
    files = [tmp_path / "图" / f"{name}.png" for name in ("a", "b =1+1")]
    for file, colour in zip(files, ("red", "green"), strict=True):
        write(file, disk.picture(colour, (60, 80)))
    broken = tmp_path / "图" / "c.png"
    broken.write_bytes(b"no picture")
    running = start_studio(work)
    with open_page(running.page("try?model=gone"), allow=("400",)) as page:
        page.get_by_text("That model is not here any more.").wait_for()
        page.select_option("#which_model", option(page, "颜 色.onnx"))
        page.get_by_text("Says what a picture shows").wait_for()
        page.locator("input[type=file]").nth(1).set_input_files([*files, broken])
        page.get_by_text("1 of 3", exact=True).wait_for()
        assert page.locator(".sure output").inner_text() == "40 %"  # what training suggests
        page.locator(".try_bar").nth(2).wait_for()
        assert "<b>红" in page.locator(".try_verdict").inner_text()
        page.keyboard.press("ArrowRight")
        page.locator(".file_name", has_text="b =1+1.png").wait_for()
        page.get_by_role("button", name="Next picture").click()
        page.locator(".found_list .wrong").wait_for()
        page.get_by_text("3 of 3 pictures answered").wait_for()

        page.select_option("#which_model", option(page, "找.onnx"))
        page.get_by_role("button", name="Previous picture").click()
        page.get_by_text("Found: 绿色, 红色").wait_for()
        page.get_by_label("Show only what it is this sure of").fill("80")
        page.locator(".try_verdict", has_text="Found: 绿色").filter(has_not_text="红色").wait_for()
        assert page.locator(".sure output").inner_text() == "80 %"
        page.get_by_text("3 of 3 pictures answered").wait_for()
        with page.expect_download() as drawn:
            page.get_by_role("button", name="Drawn picture").click()
        assert drawn.value.suggested_filename == "b =1+1_result.jpg"
        shown = tmp_path / "shown.jpg"
        drawn.value.save_as(shown)
        assert read(shown).shape[0] >= 60
        with page.expect_download() as table:
            page.get_by_role("button", name="All as table").click()
        rows = list(csv.reader(io.StringIO(Path(table.value.path()).read_bytes().decode("utf-8-sig"))))
        assert [row[:3] for row in rows[1:3]] == [["a.png", "1", "绿色"], ["b =1+1.png", "1", "绿色"]]
        assert rows[3][0] == "c.png"
        assert rows[3][-1]
        with page.expect_download() as listed:
            page.get_by_role("button", name="All as JSON").click()
        results = json.loads(Path(listed.value.path()).read_text("utf-8"))["results"]
        assert results[0]["objects"][0]["class"] == "绿色"
        page.get_by_text("All answers").click()
        page.locator(".all_results tbody tr").nth(2).wait_for()


@pytest.mark.full
def test_a_model_from_a_file_the_camera_and_a_phone(
    start_studio: StartStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    running = start_studio()
    model = disk.detector(tmp_path / "我的 模型.onnx", [(2, 4, 8, 12, 0.9)], [1])
    film = make_film(tmp_path / "film.y4m", [detection_data.picture(0, 9)[0]])
    with open_page(running.page("try"), film=film, language="zh", size=(390, 844), allow=("400",)) as page:
        page.locator("input[type=file]").first.set_input_files(model)
        page.get_by_text("找出物体和它们的位置").wait_for()
        page.get_by_role("button", name="打开摄像头").click()
        page.get_by_text("找到：绿色").wait_for()
        page.locator(".try_picture[src^='data:image/jpeg']").wait_for()
        page.get_by_text("每秒").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="关闭摄像头").click()
        page.get_by_text("把图片拖到这里。").wait_for()
        page.select_option("#which_model", "task:pose_hand21")
        page.get_by_text("需要先联网下载一次").wait_for()
        page.reload()
        page.wait_for_selector("body[data-ready=try]")
        assert page.locator("#which_model").input_value() == "task:pose_hand21"
        bad = tmp_path / "bad.onnx"
        bad.write_bytes(b"nothing")
        page.locator("input[type=file]").first.set_input_files(bad)
        page.locator("#told .notice.error").wait_for()


@pytest.mark.full
def test_without_a_camera_the_page_says_what_to_do(
    start_studio: StartStudio, open_page: OpenPage, tmp_path: Path
) -> None:
    disk.detector(tmp_path / "w" / "d.onnx")
    running = start_studio(tmp_path / "w")
    with open_page(running.page("try"), camera="missing") as page:
        page.get_by_text("Finds things").wait_for()
        page.get_by_role("button", name="Camera, live").click()
        page.get_by_text("There is no camera").wait_for()
