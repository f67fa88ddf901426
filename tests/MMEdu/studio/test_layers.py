"""A network as cards, asked of the server: shapes, mistakes with what would fit, the program. Nothing needs torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.conftest import MakeImageNet
from tests.MMEdu.studio.conftest import wait_until
from tests.MMEdu.studio.jobs.conftest import epochs, make_project, over
from tests.MMEdu.studio.jobs.test_programs import HOSTILE

from MMEdu.studio.studio import Studio
from XEdu.serve.door import Door

TABLE = "数据 集/花 朵.csv"


@pytest.fixture
def flowers(studio: Studio) -> str:
    """A table of 24 rows in the work folder: three numbers, and one of two words."""
    file = studio.folder / TABLE
    file.parent.mkdir(parents=True)
    rows = [f"{row / 7:.2f},{row % 5},{row * 3 % 11},{'玫瑰' if row % 2 else '菊花'}" for row in range(24)]
    file.write_text("\n".join(["长,宽,高,名称", *rows]), encoding="utf-8")
    return TABLE


def layer(name: str, activation: str = "", **arguments: Any) -> dict[str, Any]:
    """Return a layer as a page sends it."""
    return {"layer": name, "activation": activation, "arguments": arguments}


def laid(client: TestClient, dataset: str, *layers: dict[str, Any], **more: Any) -> Any:
    """Ask how layers fit."""
    return client.post("/api/layers/check", json={"dataset": dataset, "layers": list(layers), **more}).json()


def code(client: TestClient, settings: dict[str, Any]) -> Any:
    """Ask for a program."""
    return client.post("/api/code", json={"kind": "network", "settings": settings}).json()


def test_every_layer_has_a_form_and_words_of_the_askers_language(client: TestClient) -> None:
    english = client.get("/api/layers").json()
    chinese = client.get("/api/layers", headers={"X-Language": "zh"}).json()
    names = [kind["name"] for kind in english["kinds"]]
    assert names[:3] == ["linear", "conv2d", "maxpool"]
    assert "diffusion_model" not in names
    assert sum(kind["usual"] for kind in english["kinds"]) == 6
    conv = english["kinds"][1]
    assert conv["first"] == ["size", "kernel_size"]
    assert conv["arguments"]["properties"]["stride"]["default"] == 1
    assert [one["shows"] for one in english["kinds"]] != [one["shows"] for one in chinese["kinds"]]
    assert {one["name"] for one in english["activations"]} >= {"relu", "softmax"}
    assert english["training"]["first"] == ["epochs", "lr"]


def test_a_table_says_what_comes_in_and_what_is_told(client: TestClient, flowers: str) -> None:
    told = client.post("/api/layers/data", json={"dataset": flowers}).json()
    assert (told["kind"], told["task"], told["inputs"]) == ("tab", "cls", [3])
    assert sorted(told["classes"]) == sorted(["菊花", "玫瑰"])
    assert told["names"] == ["长", "宽", "高"]
    assert "24 rows" in told["sentence"]
    fits = laid(client, flowers, *told["layers"])
    assert fits["ends"]["good"]
    assert fits["layers"][0]["arguments"]["size"] == [3, 16]
    assert fits["at"] == 1  # one more goes before the one that tells the classes


def test_pictures_say_their_size_and_colour(client: TestClient, studio: Studio, make_imagenet: MakeImageNet) -> None:
    make_imagenet(studio.folder / "图 片", size=(40, 30))
    told = client.post("/api/layers/data", json={"dataset": "图 片"}).json()
    assert (told["kind"], told["inputs"], told["color"]) == ("img", [1, 48, 48], "grayscale")  # they have no colour
    assert laid(client, "图 片", *told["layers"])["ends"]["good"]
    coloured = client.post("/api/layers/data", json={"dataset": "图 片", "color": "RGB"}).json()
    assert coloured["inputs"] == [3, 48, 48]
    gray = client.post("/api/layers/data", json={"dataset": "图 片", "color": "grayscale", "size": 28}).json()
    assert gray["inputs"] == [1, 28, 28]
    program = code(client, {"dataset": "图 片", "color": "grayscale", "size": 28, "layers": gray["layers"]})["code"]
    assert "data_path='图 片/training_set'" in program
    assert "transform={'Resize': [28, 28]}" in program
    assert "layer='conv2d', size=(1, 8), kernel_size=3, activation='relu'" in program


def test_a_projects_pictures_are_learned_from(client: TestClient, tmp_path: Path, make_imagenet: MakeImageNet) -> None:
    project = make_project(client, make_imagenet(tmp_path / "图 片", size=(28, 28)))
    told = client.post("/api/layers/data", json={"project": project}).json()
    assert (told["project"], told["kind"], len(told["classes"])) == (project, "img", 2)
    program = code(client, {"project": project, "layers": told["layers"]})["code"]
    assert "data_path='projects/" in program


def test_a_layer_that_does_not_fit_is_named_with_what_would(client: TestClient, flowers: str) -> None:
    wrong = laid(client, flowers, layer("linear", "relu", size=[4, 10]), layer("linear", size=2))
    assert "gets 3" in wrong["layers"][0]["error"]["message"]
    assert "size=(3, 10)" in wrong["layers"][0]["error"]["hint"]
    assert wrong["layers"][1]["error"] is None
    assert not wrong["ends"]["fits"]
    flat = laid(client, flowers, layer("conv2d", size=8, kernel_size=3))
    assert flat["layers"][0]["error"]["message"].startswith("Layer 1, conv2d")
    pool = next(one for one in laid(client, flowers)["next"] if one["layer"] == "maxpool")
    assert not pool["fits"]
    assert pool["why"]
    refused = code(client, {"dataset": flowers, "layers": [layer("linear", size=[4, 2])]})
    assert refused["code"] == -305


@pytest.mark.parametrize(
    ("layers", "task", "said"),
    [
        ([], "cls", "Add a first layer"),
        ([layer("linear", size=1)], "cls", "2 classes are to be told"),
        ([layer("linear", "relu", size=2)], "cls", "relu at the end"),
        ([layer("linear", size=5)], "cls", "some are never used"),
        ([layer("linear", "softmax", size=2)], "cls", "Fits"),
    ],
)
def test_the_end_is_judged(client: TestClient, flowers: str, layers: list[Any], task: str, said: str) -> None:
    assert said in laid(client, flowers, *layers, task=task)["ends"]["message"]


@pytest.mark.parametrize(
    ("layers", "task", "replaces"),
    [
        ([], "cls", False),
        ([layer("linear", size=1)], "cls", True),
        ([layer("linear", size=5)], "cls", True),
        ([layer("linear", "relu", size=2)], "cls", True),
        ([layer("linear", size=8), layer("dropout")], "cls", False),
        ([layer("linear", "softmax", size=3)], "reg", True),
    ],
)
def test_the_layer_that_makes_the_end_fit_comes_along(
    client: TestClient, studio: Studio, layers: list[Any], task: str, replaces: bool
) -> None:
    (studio.folder / "t.csv").write_text("a,b,c\n" + "".join(f"{n},{n % 7},{n % 2}\n" for n in range(20)))
    fit = laid(client, "t.csv", *layers, task=task)["ends"]["fit"]
    assert fit.pop("replaces") is replaces
    laid_so = laid(client, "t.csv", *(layers[:-1] if replaces else layers), fit, task=task)
    assert laid_so["ends"]["good"]
    assert laid_so["ends"]["fit"] is None


def test_a_size_beyond_all_names_the_limit(client: TestClient, flowers: str) -> None:
    for asked in (layer("linear", size=999999999), layer("conv2d", size=8, kernel_size=2**21)):
        assert "1048576" in str(laid(client, flowers, asked)["layers"][0]["error"]), asked


def test_numbers_are_told_by_one_number(client: TestClient, studio: Studio) -> None:
    (studio.folder / "preise.csv").write_text("a;b;preis\n" + "".join(f"{n};{n * 900};{n},5\n" for n in range(30)))
    told = client.post("/api/layers/data", json={"dataset": "preise.csv"}).json()
    assert told["task"] == "reg"
    assert told["layers"][0]["layer"] == "batchnorm1d"  # the columns are of very different size
    assert laid(client, "preise.csv", *told["layers"], task="reg")["ends"]["good"]
    assert "some" not in laid(client, "preise.csv", layer("linear", size=2), task="reg")["ends"]["message"]
    program = code(client, {"dataset": "preise.csv", "task": "reg", "layers": told["layers"]})["code"]
    assert "y_type='float'" in program
    assert "loss='MSELoss', metrics=['mae']" in program


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["network", "numbers"])
def test_a_name_stays_a_text(client: TestClient, studio: Studio, name: str, kind: str) -> None:
    file = f"{name[:60]}.csv"
    (studio.folder / file).write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(20)))
    settings: dict[str, Any] = {"dataset": file, "layers": [layer("linear", "softmax", size=2)]}
    if kind == "numbers":
        settings = {"dataset": file, "family": "classification", "algorithm": "CART", "given": [0], "told": 1}
    answer = client.post("/api/code", json={"kind": kind, "settings": settings}).json()
    tree = ast.parse(answer["code"])
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Lambda))]
    names = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert all(called == "nn" or called == "cls" or called.startswith("model.") for called in names)
    assert file in {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def test_the_program_is_written_of_values(client: TestClient, flowers: str) -> None:
    settings = {
        "dataset": flowers,
        "layers": [layer("linear", "relu", size=10), layer("dropout", p=0.2), layer("linear", "softmax", size=2)],
        "arguments": {"epochs": 7, "optimizer": "SGD", "seed": None},
    }
    program = code(client, settings)["code"]
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call)]
    assert calls == ["nn", "model.load_tab_data", *["model.add"] * 4, "model.train", "model.convert"]
    assert "model.add(layer='linear', size=(3, 10), activation='relu')" in program
    assert "model.add(layer='dropout', p=0.2)" in program
    assert "model.train(lr=0.01, epochs=7, metrics=['acc'])" in program
    assert "model.convert(checkpoint=model.best_file, out_file='" in program
    assert "convert" not in code(client, {**settings, "onnx": False})["code"]
    assert code(client, {**settings, "arguments": {"epochs": 0}})["code"] == -305
    assert code(client, {**settings, "arguments": {"epoch": 1}})["code"] == -501


@pytest.mark.parametrize(
    "layers",
    [
        None,
        "linear",
        [1],
        [{"layer": 3}],
        [layer("liner")],
        [layer("em_lstm")],
        [{"layer": "linear", "arguments": [1]}],
    ],
)
def test_what_is_no_layer_is_refused(client: TestClient, flowers: str, layers: object) -> None:
    answer = client.post("/api/layers/check", json={"dataset": flowers, "layers": layers})
    assert (answer.status_code, answer.json()["code"]) == (400, -305)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a,b,c\n1,,x\n2,3,y\n", "b"),
        ("a\n1\n2\n", "one column"),
        ("", "no rows"),
        ("a,b,c\n1,zwei,x\n2,3,y\n", "b"),
    ],
)
def test_tables_that_cannot_be_learned_from_are_told(client: TestClient, studio: Studio, text: str, named: str) -> None:
    (studio.folder / "t.csv").write_text(text)
    answer = client.post("/api/layers/data", json={"dataset": "t.csv"})
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_paths_stay_in_the_work_folder_of_who_may_not_leave_it(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "außen.csv").write_text("a,b\n1,x\n2,y\n")
    assert client.post("/api/layers/data", json={"dataset": "../außen.csv"}).status_code == 400
    assert client.post("/api/layers/data", json={"dataset": "nichts.csv"}).status_code == 404
    assert client.post("/api/layers/data", json={"dataset": 5}).status_code == 400


@pytest.mark.parametrize("route", ["/api/layers/data", "/api/numbers/table"])
def test_a_whole_path_leads_out_only_where_no_other_computer_asks(
    client: TestClient, studio: Studio, tmp_path: Path, route: str
) -> None:
    (tmp_path / "外 面.csv").write_text("a,b\n1,x\n2,y\n")
    asked = {"dataset": str(tmp_path / "外 面.csv")}
    assert client.post(route, json=asked).status_code == 200
    studio.shared = True
    refused = client.post(route, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (400, -305)
    assert Studio(tmp_path, Door("t" * 43, "4821")).shared


@pytest.mark.parametrize(
    "more",
    [{"task": []}, {"task": 0}, {"color": "blue"}, {"color": {}}, {"size": 10**9}, {"size": True}, {"size": "x"}],
)
def test_choices_of_a_table_are_looked_at_too(client: TestClient, flowers: str, more: dict[str, Any]) -> None:
    answer = client.post("/api/layers/data", json={"dataset": flowers, **more})
    assert (answer.status_code, answer.json()["code"]) == (400, -305)


def test_tables_are_listed_made_and_taken_over(client: TestClient, studio: Studio, flowers: str) -> None:
    pytest.importorskip("sklearn")
    made = client.post("/api/tables/made", json={"name": "iris"}).json()
    assert client.post("/api/layers/data", json={"dataset": made["path"]}).json()["inputs"] == [4]
    upload = client.post("/api/uploads").json()["upload"]
    client.post(f"/api/uploads/{upload}/files", files=[("files", ("成 绩.csv", b"a,b\n1,x\n2,y\n"))])
    added = client.post("/api/tables", json={"upload": upload}).json()
    assert (studio.folder / added["path"]).read_bytes() == b"a,b\n1,x\n2,y\n"
    told = client.get("/api/tables").json()
    assert {one["path"] for one in told["tables"]} == {flowers, added["path"]}
    assert [one["name"] for one in told["made"]] == ["iris", "wine", "diabetes"]
    assert client.post("/api/tables/made", json={"name": "no"}).status_code == 404
    none = client.post("/api/uploads").json()["upload"]
    client.post(f"/api/uploads/{none}/files", files=[("files", ("a.png", b"x"))])
    assert client.post("/api/tables", json={"upload": none}).json()["code"] == -201


@pytest.mark.full
def test_a_network_of_pictures_stops_goes_on_and_is_asked(
    client: TestClient, studio: Studio, make_imagenet: MakeImageNet
) -> None:
    pytest.importorskip("torch")
    make_imagenet(studio.folder / "图 片", train=12, size=(28, 28))
    told = client.post("/api/layers/data", json={"dataset": "图 片", "size": 28}).json()
    settings = {"dataset": "图 片", "size": 28, "layers": told["layers"], "arguments": {"epochs": 100_000}}
    job = client.post("/api/jobs", json={"kind": "network", "settings": settings}).json()
    path = f"/api/jobs/{job['id']}"
    wait_until(lambda: epochs(studio.folder / job["folder"]), 60)
    client.post(f"{path}/stop")
    stopped = wait_until(lambda: over(client, job["id"]), 30)
    assert (stopped["state"], stopped["goes_on"]) == ("stopped", True)
    resumed = client.post(f"{path}/resume")
    assert resumed.status_code == 200, resumed.text
    assert "resume=True" in client.get(f"/api/code/{job['id']}").json()["code"]
    wait_until(lambda: client.get(path).json()["state"] == "running", 60)
    client.post(f"{path}/stop")
    wait_until(lambda: over(client, job["id"]), 30)
    short = {**settings, "arguments": {"epochs": 2}}
    done = client.post("/api/jobs", json={"kind": "network", "settings": short}).json()
    assert wait_until(lambda: over(client, done["id"]), 60)["state"] == "done"
    picture = next((studio.folder / "图 片").rglob("*.png")).read_bytes()
    answer = client.post(
        f"/api/jobs/{done['id']}/answer", content=picture, headers={"Content-Type": "image/png"}
    ).json()
    assert sum(one["share"] for one in answer["shares"]) == pytest.approx(1, abs=1e-3)
    broken = client.post(f"/api/jobs/{done['id']}/answer", content=b"GIF", headers={"Content-Type": "image/gif"})
    assert broken.status_code == 400
    listed = client.get("/api/models").json()["models"]  # a classifier of pictures is for Try and Serve, too
    assert [(one["name"], one["task"]) for one in listed] == [("图_片.onnx", "classification")]
    client.delete(path)


def test_laying_needs_no_torch() -> None:
    program = (
        "import sys; from MMEdu.actions import network_cards as c, network_data; "
        "c.laying(c.of_shape([4], 3), 'cls', c.suggestion(c.of_shape([4], 3), 'cls', even=True)); "
        "sys.exit('torch' in sys.modules or 'sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
