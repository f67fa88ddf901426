"""The documents' programs for classification, run as they stand there: same folders, same calls, a small set.

Only epochs are fewer, ``cuda`` is ``cpu``, and absolute paths are relative. A pupil who copies one must see it work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

Run = Callable[..., dict[str, Any]]

TRAIN = """
from MMEdu import MMClassification as cls
model = cls('LeNet')
model.num_classes = 3
model.load_dataset(path='../dataset/cls/hand_gray')
model.save_fold = '../checkpoints/cls_model/hand_gray'
model.train(epochs=10, validate=True)
"""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Beside other work, two threads of torch wait for each other most of the time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def executed(program: str, **given: Any) -> dict[str, Any]:
    """Run a program of the documents; return its variables."""
    variables = dict(given)
    exec(compile(program, "<the documents>", "exec"), variables)
    return variables


def log_of(folder: Path) -> list[dict[str, Any]]:
    """Read the only log file of a folder."""
    (file,) = folder.glob("*.log.json")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def package(make_imagenet, tmp_path_factory) -> Path:
    """The folders of the documents' package, with a LeNet that the documents' five lines have trained in it."""
    root = tmp_path_factory.mktemp("一键 安装包")
    make_imagenet(root / "dataset/cls/hand_gray", classes=("paper", "rock", "scissors"), train=8, val=2, test=2)
    test_set = root / "dataset/cls/hand_gray/test_set/rock"
    demo = root / "demo"
    (demo / "cls_testIMG").mkdir(parents=True)
    for number, path in enumerate(sorted(test_set.iterdir()), 1):
        Image.open(path).save(demo / f"testrock01-{number:02}.png")
        Image.open(path).save(demo / "cls_testIMG" / f"石头 {number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(demo)
        patch.setattr("os.fsync", lambda _: None)
        executed(TRAIN)
    return root


@pytest.fixture
def demo(package, monkeypatch) -> Path:
    """The folder in which the documents' programs run."""
    monkeypatch.chdir(package / "demo")
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
    return package / "demo"


@pytest.fixture
def desk(make_imagenet, package, tmp_path, monkeypatch) -> Path:
    """A folder as in the short examples: dataset, img.png, latest.pth and classes.txt beside the program."""
    place = tmp_path / "我的 桌面"
    make_imagenet(place / "dataset", classes=("paper", "rock", "scissors"), train=4, val=1)
    (place / "img.png").write_bytes((package / "demo/testrock01-01.png").read_bytes())
    (place / "latest.pth").write_bytes((package / "checkpoints/cls_model/hand_gray/latest.pth").read_bytes())
    (place / "classes.txt").write_text("布\n石头\n剪刀\n", encoding="utf-8")
    monkeypatch.chdir(place)
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
    return place


def test_the_five_lines_leave_what_the_documents_describe(package):
    folder = package / "checkpoints/cls_model/hand_gray"
    assert len([name for name in folder.iterdir() if re.fullmatch(r"\d{8}_\d{6}\.log\.json", name.name)]) == 1
    assert (folder / "latest.pth").is_file()
    assert all((folder / f"epoch_{n}.pth").is_file() for n in range(1, 11))
    assert len(list(folder.glob("best_accuracy_top-1_epoch_*.pth"))) == 1
    data = package / "dataset/cls/hand_gray"
    assert (data / "classes.txt").read_text("utf-8").split() == ["paper", "rock", "scissors"]
    assert (data / "val.txt").is_file()


def test_the_name_may_be_given_by_keyword_and_the_class_under_another_alias(demo):
    executed(
        """
from MMEdu import MMClassification as mmeducls
model = mmeducls(backbone='LeNet')
"""
    )


def test_one_picture(demo, capsys):
    run = executed(
        """
from MMEdu import MMClassification as cls
img = 'testrock01-02.png'
model = cls('LeNet')
model.checkpoint='../checkpoints/cls_model/hand_gray/latest.pth'
checkpoint = model.checkpoint
result = model.inference(image=img, show=True, checkpoint=checkpoint)
model.print_result()
"""
    )
    assert list(run["result"]) == ["pred_label", "pred_score", "pred_class"]
    out = capsys.readouterr().out
    assert "分类结果如下：" in out
    assert re.search(r"\[\{'标签': \d, '置信度': 0\.\d+, '预测结果': '\w+'\}\]", out)
    assert cv2.imdecode(np.fromfile("cls_result/testrock01-02.png", np.uint8), cv2.IMREAD_COLOR) is not None


def test_a_folder_of_pictures(demo):
    run = executed(
        """
from MMEdu import MMClassification as cls
img = 'cls_testIMG/'
model = cls('LeNet')
model.checkpoint='../checkpoints/cls_model/hand_gray/latest.pth'
result = model.inference(image=img, show=True)
shown = model.print_result(result)
"""
    )
    assert len(run["result"]) == len(run["shown"]) == 2
    assert {"石头 1.png", "石头 2.png"} <= {path.name for path in Path("cls_result").iterdir()}


def test_fast_inference(demo):
    run = executed(
        """
from MMEdu import MMClassification as cls
img = 'testrock01-02.png'
checkpoint = '../checkpoints/cls_model/hand_gray/latest.pth'
model = cls('LeNet')
model.load_checkpoint(checkpoint=checkpoint)
result = model.fast_inference(image=img)
silent = model.fast_inference(image=img, show=False, verbose=False)
slow = model.inference(image=img, checkpoint=checkpoint)
"""
    )
    assert run["result"] == run["silent"] == run["slow"]


def test_training_goes_on(demo):
    executed(
        """
from MMEdu import MMClassification as cls
model = cls('LeNet')
model.num_classes = 3
model.load_dataset(path='../dataset/cls/hand_gray')
model.save_fold = '../checkpoints/cls_model/hand_gray_2'
checkpoint = '../checkpoints/cls_model/hand_gray/latest.pth'
model.train(epochs=2, validate=True, checkpoint=checkpoint)
"""
    )
    losses = [
        line["loss"]
        for folder in ("hand_gray", "hand_gray_2")
        for line in log_of(Path("../checkpoints/cls_model") / folder)
        if line["mode"] == "train"
    ]
    assert losses[10] < losses[0], "it begins where the other training ended"


def test_training_goes_on_in_the_same_folder_as_the_documents_have_it(desk):
    program = """
from MMEdu import MMClassification as cls
model = cls(backbone='LeNet')
model.num_classes = 3
model.load_dataset(path='./dataset')
model.save_fold = './my_model'
model.train(epochs=2, validate=True)
checkpoint = './my_model/latest.pth'
model.train(epochs=3, validate=True, checkpoint=checkpoint)
"""
    executed(program)
    assert Path("my_model/epoch_3.pth").is_file()
    assert len(list(Path("my_model").glob("best_accuracy_top-1_epoch_*.pth"))) == 1
    logs = [path.parent.name for path in sorted(Path("my_model").rglob("*.log.json"))]
    assert len(logs) == 2
    assert logs.count("my_model") == 1, "the older run is put aside whole"


def test_the_short_example_of_inference(desk):
    run = executed(
        """
from MMEdu import MMClassification as cls
img = './img.png'
model = cls(backbone='LeNet')
checkpoint = './latest.pth'
result = model.inference(image=img, show=True, checkpoint = checkpoint)
x = model.print_result(result)
print('标签（序号）为：',x[0]['标签'])
"""
    )
    assert run["x"][0]["预测结果"] in ("paper", "rock", "scissors")


def test_the_older_page_with_class_path(desk):
    run = executed(
        """
from MMEdu import MMClassification as cls
img = './img.png'
model = cls(backbone='LeNet')
checkpoint = './latest.pth'
class_path = './classes.txt'
result = model.inference(image=img, show=True, class_path=class_path,checkpoint = checkpoint)
model.print_result(result)
"""
    )
    assert run["result"]["pred_class"] in ("布", "石头", "剪刀")


def test_the_path_of_the_package(capsys):
    executed("import MMEdu\nprint(MMEdu.__path__)\nprint(MMEdu.__version__)\n")
    path, version = capsys.readouterr().out.splitlines()
    assert "MMEdu" in path
    assert version.startswith("3.")
    import MMEdu

    assert Path(MMEdu.__path__[0], "__init__.py").is_file()


def test_the_information_in_a_checkpoint(desk, capsys):
    executed("from MMEdu import pth_info\ncheckpoint = './latest.pth'\npth_info(checkpoint)\n")
    out = capsys.readouterr().out
    assert all(word in out for word in ("tool", "backbone", "LeNet", "device", "CLASSES", "paper"))


def test_the_list_of_models():
    run = executed(
        "from MMEdu import MMClassification as cls\na = cls.sota()\nmodel = cls('LeNet')\nb = model.sota()\n"
    )
    assert run["a"] == run["b"]
    assert {"LeNet", "MobileNet", "ResNet18", "ResNet50"} <= set(run["a"])


def test_the_log_is_returned(desk, capsys):
    run = executed(
        """
from MMEdu import MMClassification as cls
model = cls(backbone='LeNet')
model.load_dataset(path='./dataset')
model.save_fold = './my_model'
log = model.train(epochs=1, validate=True)
print(log)
"""
    )
    assert run["log"] == log_of(Path("my_model"))


@pytest.mark.parametrize("topk", [(1,), (1, 2, 5), (1, 2, 3)])
def test_topk_of_more_than_five_classes(make_imagenet, desk, topk):
    make_imagenet(desk / "six", classes="abcdef", train=2, val=1)
    run = executed(
        """
from MMEdu import MMClassification as cls
model = cls(backbone='LeNet')
model.num_classes = 6
model.load_dataset(path='./six', check=False)
model.save_fold = './my_model'
log = model.train(epochs=1, validate=True, topk=topk)
""",
        topk=topk,
    )
    assert {f"accuracy_top-{k}" for k in topk} <= run["log"][-1].keys()
    assert len(list(Path("my_model").glob("best_accuracy_top-1_epoch_1.pth"))) == 1


@pytest.mark.parametrize(("classes", "k"), [("abcde", 1), ("abcdef", 5)])
def test_top_5_begins_above_five_classes(make_imagenet, desk, classes, k):
    make_imagenet(desk / "set", classes=classes, train=2, val=1)
    executed(
        """
from MMEdu import MMClassification as cls
model = cls('LeNet')
model.load_dataset(path='./set')
model.save_fold = './my_model'
model.train(epochs=1)
"""
    )
    assert Path(f"my_model/best_accuracy_top-{k}_epoch_1.pth").is_file()


def test_cats_and_dogs_with_mobilenet(make_imagenet, desk):
    make_imagenet(desk / "CatsDogs", classes=("cat", "dog"), train=4, val=1, test=1, size=(60, 80), gray=False)
    run = executed(
        """
from MMEdu import MMClassification as cls
model = cls(backbone='MobileNet')
model.num_classes = 2
model.load_dataset(path='CatsDogs')
model.save_fold = 'checkpoints/cls_model/catsdogs'
log = model.train(epochs=1 ,lr=0.001,batch_size=4, validate=True,device='cpu')

img = 'CatsDogs/test_set/cat/图 片-test-cat-00.png'
model = cls(backbone='MobileNet')
checkpoint = 'checkpoints/cls_model/catsdogs/best_accuracy_top-1_epoch_1.pth'
result = model.inference(image=img, show=True, checkpoint = checkpoint, device='cpu')
x = model.print_result(result)
"""
    )
    assert run["log"][0]["batch_size"] == 4
    assert run["x"][0]["预测结果"] in ("cat", "dog")


def test_the_line_that_a_training_prints(desk, capsys):
    executed(
        """
from MMEdu import MMClassification as cls
model = cls('LeNet')
model.load_dataset('./dataset')
model.train(epochs=1, batch_size=1)
"""
    )
    out = capsys.readouterr().out
    assert re.search(r"Epoch ?\[1\]\[10/12\]\s+lr: .*eta: .*time: .*data_time: .*memory: .*loss: ", out)
    assert "accuracy_top-1" in out
    assert Path("checkpoints/cls_model/latest.pth").is_file()


def test_a_frame_of_opencv(demo):
    run = executed(
        """
import cv2
from MMEdu import MMClassification as cls
img = cv2.imread('testrock01-01.png')
model = cls('LeNet')
model.load_checkpoint(checkpoint='../checkpoints/cls_model/hand_gray/latest.pth')
result = model.fast_inference(image=img, show=False)
same = model.fast_inference(image='testrock01-01.png', show=False)
"""
    )
    assert run["result"] == run["same"]
