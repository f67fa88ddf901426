"""Classic machine learning, asked of the server: forms, columns, mistakes, the program; and one job to its end."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.MMEdu.studio.conftest import wait_until
from tests.MMEdu.studio.jobs.conftest import over

from MMEdu.studio.studio import Studio

TABLE = "数据 集/花 朵.csv"


@pytest.fixture
def flowers(studio: Studio) -> str:
    """A table of 40 rows: two numbers that tell the word in the last column, a word that tells nothing, a gap."""
    file = studio.folder / TABLE
    file.parent.mkdir(parents=True)
    rows = [
        f"{row % 2 * 3 + row / 40:.2f};{row % 2 + row / 90:.3f};{'红' if row % 3 else '白'};{'' if row == 5 else row};"
        f"{'玫瑰' if row % 2 else '菊花'}"
        for row in range(40)
    ]
    file.write_text("\n".join(["长;宽;颜色;编号;名称", *rows]), encoding="utf-8-sig")
    return TABLE


def settings(dataset: str, /, **more: Any) -> dict[str, Any]:
    """Return settings of a classification by two columns."""
    asked = {"dataset": dataset, "family": "classification", "algorithm": "KNN", "given": [0, 1], "told": 4}
    return {**asked, **more}


def code(client: TestClient, asked: dict[str, Any]) -> Any:
    """Ask for a program."""
    return client.post("/api/code", json={"kind": "numbers", "settings": asked}).json()


def test_every_algorithm_has_its_form(client: TestClient) -> None:
    told = client.get("/api/numbers").json()
    by_family = {
        one["family"]: {algorithm["name"]: algorithm for algorithm in one["algorithms"]} for one in told["families"]
    }
    assert sum(map(len, by_family.values())) == 23
    assert list(by_family["classification"]["KNN"]["arguments"]["properties"]) == ["n_neighbors"]
    assert [one for one, of in by_family["classification"].items() if of["plane"]] == ["KNN", "SVM"]
    assert not any(of["plane"] for of in by_family["regression"].values())
    forest = by_family["regression"]["RandomForest"]["arguments"]["properties"]["n_estimators"]
    assert forest["default"] == 20  # as the documented class has it
    assert not by_family["cluster"]["Kmeans"]["labels"]
    assert by_family["reduction"]["LDA"]["labels"]
    chinese = client.get("/api/numbers", headers={"X-Language": "zh"}).json()
    assert chinese["families"][0]["name"] == "分类"


def test_a_table_says_what_its_columns_hold(client: TestClient, flowers: str) -> None:
    told = client.post("/api/numbers/table", json={"dataset": flowers}).json()
    assert told["rows"] == 40
    assert [column["holds"] for column in told["columns"]] == ["numbers", "numbers", "words", "gaps", "words"]
    assert told["columns"][4]["name"] == "名称"
    assert len(told["sample"]) == 5
    assert client.post("/api/numbers/table", json={"dataset": "数据 集"}).json()["code"] == -201


def test_the_program_is_written_of_values(client: TestClient, flowers: str) -> None:
    program = code(client, settings(flowers, arguments={"n_neighbors": 3}, scale=True))["code"]
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call)]
    assert calls[:4] == ["cls", "model.load_dataset", "model.train", "model.valid"]
    assert "cls(algorithm='KNN', n_neighbors=3)" in program
    assert "x_column=[0, 1]" in program
    assert "scale=True" in program
    assert "model.plot" in program
    grouped = code(client, settings(flowers, family="cluster", algorithm="kmeans", told=None))["code"]
    assert "split=False" in grouped
    assert "valid" not in grouped
    assert "y_column" not in grouped


def test_what_cannot_be_drawn_or_written_is_left_out(client: TestClient, studio: Studio) -> None:
    (studio.folder / "t.csv").write_text("a,b,c,d\n" + "".join(f"{n},{n * 2},{n % 5},{n % 2}\n" for n in range(30)))
    three = code(client, settings("t.csv", given=[0, 1, 2], told=3))["code"]
    assert "model.plot" not in three  # KNN is drawn with two columns
    assert "model.plot" in code(client, settings("t.csv", algorithm="CART", given=[0, 1, 2], told=3))["code"]
    lle = code(client, settings("t.csv", family="reduction", algorithm="LLE", given=[0, 1, 2], told=None))["code"]
    assert "convert" not in lle
    assert "metricplot" not in lle


@pytest.mark.parametrize(
    ("more", "number"),
    [
        ({"algorithm": "KNM"}, -305),
        ({"family": "guessing"}, -305),
        ({"arguments": {"n_neighbors": 0}}, -305),
        ({"arguments": {"neighbors": 3}}, -501),
        ({"arguments": {"n_estimators": 3}}, -501),  # KNN takes none
        ({"algorithm": "MLP", "arguments": {"n_hidden": [10, -1]}}, -305),
        ({"given": []}, -305),
        ({"given": [0, 0]}, -305),
        ({"given": [0, 9]}, -305),
        ({"given": ["0"]}, -305),
        ({"given": [0, 2]}, -201),  # words
        ({"given": [0, 3]}, -201),  # a gap
        ({"told": None}, -305),
        ({"told": 1}, -305),  # it is given
        ({"family": "regression", "algorithm": "Ridge"}, -201),  # words are told
        ({"scale": "yes"}, -305),
        ({"more": 1}, -305),
        ({"dataset": "../t.csv"}, -305),
        ({"dataset": "no.csv"}, -101),
    ],
)
def test_what_cannot_be_meant_is_refused(client: TestClient, flowers: str, more: dict[str, Any], number: int) -> None:
    answer = code(client, settings(flowers, **more))
    assert answer["code"] == number
    assert answer["message"]


def test_a_job_leaves_pictures_and_a_model_that_can_be_asked(client: TestClient, studio: Studio, flowers: str) -> None:
    asked = {"kind": "numbers", "settings": settings(flowers)}
    program = client.post("/api/code", json=asked).json()["code"]
    job = client.post("/api/jobs", json=asked).json()
    ended = wait_until(lambda: over(client, job["id"]), 60)
    assert ended["state"] == "done", ended
    assert client.get(f"/api/code/{job['id']}").json()["code"] == program
    assert {file["name"] for file in ended["files"]} == {"KNN.onnx", "KNN.pkl", "KNN.py", "metric.png", "plot.png"}
    assert (ended["name"], ended["settings"]["names"]) == ("KNN 花 朵", ["长", "宽"])
    path = f"/api/jobs/{job['id']}/answer"
    told = client.post(path, json={"row": [3.5, 1.2]}).json()
    assert told["said"] == "玫瑰"
    assert told["shares"][0]["share"] > 0.9
    assert {one["name"] for one in told["shares"]} == {"玫瑰", "菊花"}
    assert told["remark"] == ""
    assert "长=3500" in client.post(path, json={"row": [3500, 1.2]}).json()["remark"]
    for row in ([1], [1, 2, 3], ["a", 1], [], None, [True, 1]):
        assert client.post(path, json={"row": row}).status_code == 400, row
    (studio.folder / job["folder"] / "model" / "KNN.onnx").unlink()
    gone = client.post(path, json={"row": [1, 2]})
    assert (gone.status_code, gone.json()["code"]) == (404, -102)


def test_looking_needs_neither_sklearn_nor_torch() -> None:
    program = (
        "import sys; from MMEdu.actions import classic_forms; classic_forms.families(); "
        "sys.exit('torch' in sys.modules or 'sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
