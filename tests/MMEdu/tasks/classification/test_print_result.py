"""``print_result``: the documented heading and list, of what was predicted last or of what is given."""

from __future__ import annotations

import ast
import io
import json
import sys

import pytest

from BaseDT.errors import NothingToShow, ParameterInvalid
from MMEdu import MMClassification as cls

pytestmark = pytest.mark.usefixtures("workplace")


@pytest.fixture
def model(trained):
    model = cls("LeNet")
    model.checkpoint = trained.checkpoint
    return model


def test_it_prints_the_heading_and_the_list_and_returns_the_list(model, trained, capsys):
    result = model.inference(image=trained.cat, show=False)
    capsys.readouterr()
    shown = model.print_result(result)
    assert shown == [{"标签": 1, "置信度": result["pred_score"], "预测结果": "猫"}]
    assert list(shown[0]) == ["标签", "置信度", "预测结果"]
    score = round(result["pred_score"], 4)
    assert capsys.readouterr().out == f"分类结果如下：\n[{{'标签': 1, '置信度': {score}, '预测结果': '猫'}}]\n"


def test_every_picture_of_a_folder_has_its_line_and_the_values_stay_whole(model, trained, capsys):
    results = model.inference(image=trained.cat.parent, show=False)
    capsys.readouterr()
    shown = model.print_result()
    heading, *lines = capsys.readouterr().out.splitlines()
    assert (heading, len(lines)) == ("分类结果如下：", len(results))
    assert max(map(len, lines)) < 120
    assert [entry["置信度"] for entry in shown] == [result["pred_score"] for result in results]
    printed = ast.literal_eval("\n".join(lines))
    assert printed == [{**entry, "置信度": round(entry["置信度"], 4)} for entry in shown]


def test_the_documents_read_its_first_entry(model, trained):
    model.inference(image=trained.dog, show=False)
    x = model.print_result()
    assert x[0]["标签"] == 0
    assert type(x[0]["标签"]) is int
    assert type(x[0]["置信度"]) is float


def test_without_an_argument_it_shows_the_last_result(model, trained):
    model.inference(image=trained.dog, show=False)
    last = model.inference(image=trained.cat, show=False)
    assert model.print_result() == model.print_result(last)
    assert model.print_result()[0]["预测结果"] == "猫"


def test_after_fast_inference_too(model, trained):
    model.load_checkpoint()
    model.fast_inference(image=trained.cat, show=False)
    assert model.print_result()[0]["预测结果"] == "猫"


def test_of_a_folder_every_picture_is_shown_with_its_name(model, trained):
    results = model.inference(image=trained.cat.parent, show=False)
    shown = model.print_result(results)
    assert [entry["预测结果"] for entry in shown] == ["猫"] * 4
    assert [entry["文件名"] for entry in shown] == sorted(path.name for path in trained.cat.parent.iterdir())
    assert model.print_result() == shown


def test_a_part_of_the_results_may_be_shown(model, trained):
    results = model.inference(image=[trained.cat, trained.dog], show=False)
    assert [entry["预测结果"] for entry in model.print_result(results[1:])] == ["狗"]
    assert [entry["预测结果"] for entry in model.print_result(results[0])] == ["猫"]


def test_results_of_another_model_may_be_shown(model, trained):
    result = model.inference(image=trained.cat, show=False)
    assert cls("ResNet18").print_result(result)[0]["预测结果"] == "猫"


def test_it_can_be_written_as_json(model, trained):
    model.inference(image=trained.cat.parent, show=False)
    shown = model.print_result()
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == shown


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252", "utf-8"])
def test_no_console_is_too_old_for_it(model, trained, monkeypatch, encoding):
    model.inference(image=trained.cat, show=False)
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    model.print_result()
    sys.stdout.flush()
    assert ("分类结果如下" in written.getvalue().decode(encoding)) == (encoding in ("gbk", "utf-8"))


def test_before_any_inference_there_is_nothing_to_show(model, refused):
    with refused(NothingToShow) as caught:
        model.print_result()
    assert "inference" in caught.value.hint


def test_loading_is_not_predicting(model, refused):
    model.load_checkpoint()
    with refused(NothingToShow):
        model.print_result()


@pytest.mark.parametrize(
    "res",
    [
        5,
        "猫",
        b"x",
        {},
        {"pred_label": 1},
        [5],
        [{}],
        [{"标签": 1}],
        {"pred_label": "x", "pred_score": 1, "pred_class": "a"},
    ],
)
def test_what_is_no_result_is_refused(model, res, refused):
    with refused(ParameterInvalid):
        model.print_result(res)
