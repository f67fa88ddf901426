"""The documents' web program, unchanged, and our example of one: networks of MMBase that somebody types into.

They stand here because the browser of these tests is the studio's."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from tests.MMEdu.studio.conftest import OpenPage, wait_until

pytest.importorskip("torch")
pytest.importorskip("pywebio")
datasets = pytest.importorskip("sklearn.datasets")

# As the documents have it; its comments, which their text shows without their signs, are left out.
PROGRAM = """\
from base import *
from MMEdu import MMBase
import numpy as np
from pywebio.input import input, FLOAT,input_group
from pywebio.output import put_text
flower = ['iris-setosa','iris-versicolor','iris-virginica']
model = MMBase()
model.load('./checkpoints/mmbase_net.pkl')
info=input_group('请输入要预测的数据', [
    input('Sepal.Length：', name='x1', type=FLOAT),
    input('Sepal.Width：', name='x2', type=FLOAT),
    input('Petal.Length：', name='x3', type=FLOAT),
    input('Petal.Width：', name='x4', type=FLOAT)
])
print(info)
x = list(info.values())
put_text('你输入的数据是：%s' % (x))
model.inference([x])
r=model.print_result()
put_text('模型预测的结果是：' + flower[r[0]['预测值']])
print('模型预测的结果是：' +flower[r[0]['预测值']])
"""
# The documents' older folder has it beside the program; it brings what every lesson needs.
BASE = "from MMBase import *\n"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "iris_web_page.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, and the network that the tutorial before it trains."""
    from MMBase import MMBase

    made = tmp_path_factory.mktemp("web") / "鸢尾花 网页"
    made.mkdir()
    (made / "web.py").write_text(PROGRAM, encoding="utf-8")
    (made / "base.py").write_text(BASE, encoding="utf-8")
    iris = datasets.load_iris()
    model = MMBase()
    model.set_seed(1)
    model.load_data(iris.data.astype(np.float32), iris.target)
    model.add_layer("Linear", 4, 10)
    model.add_layer("ReLU")
    model.add_layer("Linear", 10, 3)
    model.add_layer("Softmax")
    model.train(lr=0.03, epochs=120, save_fold=made / "checkpoints")
    return made


@contextmanager
def running(folder: Path, program: str = "web.py") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a program as a pupil does; PyWebIO opens no browser where it is told the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PYWEBIO_SCRIPT_MODE_PORT": str(port), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, program, str(port)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        wait_until(lambda: process.poll() is not None or answers(port), 60)
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        yield process, f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.communicate()


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def test_the_program_of_the_documents_tells_which_flower(folder: Path, open_page: OpenPage) -> None:
    flower, told = (6.9, 3.1, 5.4, 2.1), "iris-virginica"
    with running(folder) as (process, address):
        with open_page(address, ready="input[name=x1]") as page:
            for name, value in zip(("x1", "x2", "x3", "x4"), flower, strict=True):
                page.locator(f"input[name={name}]").fill(str(value))
            page.locator("button[type=submit]").click()
            page.wait_for_selector(f"text=模型预测的结果是：{told}", timeout=20_000)
            assert page.get_by_text(f"你输入的数据是：{list(flower)}").is_visible()
        printed = process.communicate(timeout=20)[0]
        assert process.returncode == 0, printed
        assert f"模型预测的结果是：{told}" in printed


@pytest.mark.full
def test_our_example_answers_again_and_again(folder: Path, open_page: OpenPage) -> None:
    with running(folder, str(EXAMPLE)) as (_, address), open_page(address, ready="input[name=x1]") as page:
        for flower, told in (((5.1, 3.5, 1.4, 0.2), "山鸢尾"), ((6.9, 3.1, 5.4, 2.1), "维吉尼亚鸢尾")):
            for name, value in zip(("x1", "x2", "x3", "x4"), flower, strict=True):
                page.locator(f"input[name={name}]").fill(str(value))
            page.locator("button[type=submit]").click()
            page.wait_for_selector(f"h2:text-is('{told}')", timeout=20_000)
        assert page.locator("table").count() == 2
