"""``mmedu ml``: a table becomes a model, which answers, is converted, and says what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_diabetes, load_iris

from BaseDT import image

FLOWER = "5.1,3.5,1.4,0.2"


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    """The flowers as a table with names, under a Chinese path."""
    data = load_iris()
    file = tmp_path / "数据 集" / "鸢 尾花.csv"
    file.parent.mkdir()
    rows = [
        ",".join(map(str, row)) + f",{data.target_names[label]}"
        for row, label in zip(data.data, data.target, strict=True)
    ]
    file.write_text("\n".join(["花萼长,花萼宽,花瓣长,花瓣宽,种类", *rows]), encoding="utf-8")
    return file


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    x, y = load_diabetes(return_X_y=True)
    file = tmp_path / "numbers.csv"
    file.write_text(
        "\n".join(",".join(map(str, [*row, told])) for row, told in zip(x, y, strict=True)), encoding="utf-8"
    )
    return file


def test_a_table_becomes_a_model_that_answers_and_runs_elsewhere(mmedu: Any, iris: Path):
    ended = mmedu("ml", "train", iris, "--algorithm", "knn", "--para", "n_neighbors=3", "--out", "模 型.pkl", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["family"], told["algorithm"], told["rows"]) == ("classification", "KNN", 120)
    assert told["columns"] == ["花萼长", "花萼宽", "花瓣长", "花瓣宽"]
    assert told["score"] > 0.9
    info = json.loads(mmedu("ml", "info", "模 型.pkl", "--json").out)
    assert (info["classes"], info["parameters"]["n_neighbors"]) == (["setosa", "versicolor", "virginica"], 3)
    ended = mmedu("ml", "infer", "模 型.pkl", "--row", FLOWER, "--row", "6.7,3.0,5.2,2.3")
    assert ended.out.splitlines() == ["1: setosa", "2: virginica"]
    ended = mmedu("ml", "convert", "模 型.pkl", "模 型.onnx")
    assert ended.code == 0, ended.err
    of_file = json.loads(mmedu("ml", "infer", "模 型.onnx", iris, "--json").out)["results"]
    of_model = json.loads(mmedu("ml", "infer", "模 型.pkl", iris, "--json").out)["results"]
    assert len(of_model) == 150
    assert "backbone: KNN" in mmedu("info", "模 型.onnx").out
    assert "mmedu ml infer" in mmedu("infer", "模 型.onnx", iris).err
    assert of_file == of_model


def test_what_the_last_column_holds_decides_what_is_learned(mmedu: Any, iris: Path, numbers: Path):
    ended = mmedu("ml", "train", iris)
    assert "KNN learned from 120 rows and 4 columns. Of 30 rows that it never saw" in ended.out
    ended = mmedu("ml", "train", numbers)
    assert "LinearRegression learned from 353 rows and 10 columns. R² on 89 rows that it never saw: 0." in ended.out
    ended = mmedu("ml", "train", numbers, "--algorithm", "CART", "--json")
    assert json.loads(ended.out)["family"] == "regression"
    ended = mmedu("ml", "train", iris, "--algorithm", "kmeans", "--para", "n_clusters=3", "--json")
    told = json.loads(ended.out)
    assert (told["family"], told["score"], len(told["columns"])) == ("cluster", None, 4)
    assert told["rows"] == 150


def test_numbers_with_fractions_are_no_classes(mmedu: Any, tmp_path: Path):
    file = tmp_path / "三 种.csv"
    file.write_text("".join(f"{n},{n % 3 + 0.5}\n" for n in range(30)), encoding="utf-8")
    assert "LinearRegression learned" in mmedu("ml", "train", file).out
    file.write_text("".join(f"{n},{n % 3}.0\n" for n in range(30)), encoding="utf-8")
    assert "KNN learned" in mmedu("ml", "train", file).out


def test_columns_are_chosen_by_name_and_pictures_are_drawn(mmedu: Any, iris: Path):
    chosen = ("--x-column", "花瓣长,3", "--y-column", "种类", "--scale")
    ended = mmedu(
        "ml", "train", iris, "--algorithm", "SVM", *chosen, "--plot", "图 片.png", "--metricplot", "好 坏.png"
    )
    assert ended.code == 0, ended.err
    assert image.read("图 片.png").shape[2] == image.read("好 坏.png").shape[2] == 3
    assert "checkpoint.pkl" in ended.out


@pytest.mark.parametrize(
    ("arguments", "code", "found"),
    [
        (("--algorithm", "KNM"), 1, "KNN"),
        (("--para", "n_neighbours=3"), 1, "n_neighbors"),
        (("--para", "three"), 1, "is no name=value"),
        (("--family", "magic"), 2, "classification"),
        (("--x-column", "9"), 1, "column"),
        (("--y-column", "颜色"), 1, "颜色"),
        (("--plot", "p.png"), 1, "-306"),
    ],
)
def test_what_cannot_be_learned_is_named(mmedu: Any, iris: Path, arguments: Any, code: int, found: str):
    ended = mmedu("ml", "train", iris, *arguments)
    assert ended.code == code
    assert found in ended.err
    assert "Traceback" not in ended.err


def test_a_table_or_rows_are_needed_and_files_are_looked_for(mmedu: Any, tmp_path: Path):
    assert mmedu("ml", "infer", "m.pkl").code == 2
    assert "-102" in mmedu("ml", "infer", "m.pkl", "--row", FLOWER).err
    assert "-102" in mmedu("ml", "info", "m.pkl").err
    assert "-101" in mmedu("ml", "train", tmp_path / "none.csv").err


@pytest.mark.parametrize("group", ["ml", "nn"])
def test_what_was_meant_is_said_where_a_command_or_row_is_forgotten(mmedu: Any, iris: Path, group: str, monkeypatch):
    ended = mmedu(group, "infer", "m.pkl", "5.1", "3.5", "-1.4", "0.2")
    assert ended.code == 2
    assert "--row 5.1,3.5,-1.4,0.2" in ended.err
    assert "--row 5.1,3.5" in mmedu(group, "infer", "m.pkl", "5.1,3.5").err
    assert f"{group} train zh.csv" in mmedu(group, "zh.csv").err
    assert f"{group} infer m.pkl" in mmedu(group, "m.pkl").err
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert "缺少命令" in mmedu(group, "zh.csv").err


def test_the_column_of_labels_is_found_by_other_names(mmedu: Any, iris: Path):
    ended = mmedu("ml", "train", iris, "--label", "种类")
    assert ended.code == 2
    assert "--y-column" in ended.err


def test_a_table_is_read_by_the_names_that_a_model_knows(mmedu: Any, iris: Path, tmp_path: Path):
    mmedu("ml", "train", iris, "--algorithm", "CART", "--x-column", "花瓣长,花瓣宽", "--out", "m.pkl")
    mmedu("ml", "convert", "m.pkl", "m.onnx")
    of_model, of_file = (
        json.loads(mmedu("ml", "infer", file, iris, "--json").out)["results"] for file in ("m.pkl", "m.onnx")
    )
    assert of_model == of_file
    truth = [line.rpartition(",")[2] for line in iris.read_text(encoding="utf-8").splitlines()[1:]]
    assert sum(map(str.__eq__, of_model, truth)) > 145
    nameless = tmp_path / "rows.csv"
    nameless.write_text("1,2,3,4\n5,6,7,8\n", encoding="utf-8")
    for file in ("m.pkl", "m.onnx"):
        ended = mmedu("ml", "infer", file, nameless)
        assert ended.code == 1
        assert "-309" in ended.err
        assert "花瓣长, 花瓣宽" in ended.err
    assert json.loads(mmedu("ml", "info", "m.onnx", "--json").out)["columns"] == ["花瓣长", "花瓣宽"]


def test_the_algorithms_are_listed_in_the_users_language(mmedu: Any, monkeypatch: pytest.MonkeyPatch):
    assert len(json.loads(mmedu("ml", "list", "--json").out)["algorithms"]) == 23
    monkeypatch.setenv("MMEDU_LANG", "zh")
    listed = mmedu("ml", "list").out
    assert "决策树" in listed
    assert "聚类" in listed
    assert not [line for line in listed.splitlines() if line.startswith("cluster")]
    assert "用表格训练模型" in mmedu("ml", "--help").out
    assert "用表格训练模型" in mmedu("ml", "train", "--help").out
