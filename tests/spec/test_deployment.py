"""The documents' programs for conversion and deployment, run as they stand there, with LeNet in place of MobileNet.

A camera is a video file, ``cuda`` is ``cpu``, absolute paths are relative.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

CONVERT = """
from MMEdu import MMClassification as cls
model = cls(backbone='LeNet')
checkpoint = 'checkpoints/cls_model/CatsDog1/latest.pth'
out_file='out_file/cats_dogs.onnx'
model.convert(checkpoint=checkpoint, out_file=out_file)
"""


def executed(program: str, **given: Any) -> dict[str, Any]:
    """Run a program of the documents; return its variables."""
    variables = dict(given)
    exec(compile(program, "<the documents>", "exec"), variables)
    return variables


@pytest.fixture(scope="module")
def project(make_imagenet, tmp_path_factory) -> Path:
    """A pupil's project: the set, a trained model, its conversion."""
    root = tmp_path_factory.mktemp("我的 项目")
    make_imagenet(root / "CatsDogsSample", classes=("cat", "dog"), train=12, val=4)
    (root / "CatsDogsSample/classes.txt").write_text("cat\ndog\n", encoding="utf-8")
    picture = next((root / "CatsDogsSample/val_set/dog").iterdir())
    Image.open(picture).convert("RGB").resize((320, 240)).save(root / "cat0.jpg")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr("MMEdu.tasks.classification.report.write", lambda *_: ())
        executed(
            """
from MMEdu import MMClassification as cls
model = cls(backbone='LeNet')
model.num_classes = 2
model.load_dataset(path='CatsDogsSample')
model.save_fold = 'checkpoints/cls_model/CatsDog1'
model.train(epochs=6, batch_size=4, lr=0.01, optimizer='Adam', validate=True, device='cpu', random_seed=1)
"""
        )
        executed(CONVERT)
    return root


@pytest.fixture
def desk(project, monkeypatch) -> Path:
    monkeypatch.chdir(project)
    return project


def test_conversion_leaves_the_model_and_the_sample_code(project):
    assert {path.name for path in (project / "out_file").iterdir()} == {"cats_dogs.onnx", "cats_dogs.py"}


def test_the_older_page_gives_backend_and_class_path(desk):
    executed(
        """
from MMEdu import MMClassification as cls
model = cls(backbone='LeNet')
checkpoint = 'checkpoints/cls_model/CatsDog1/latest.pth'
model.num_classes = 2
class_path = 'CatsDogsSample/classes.txt'
out_file='out_file2/catdog.onnx'
model.convert(checkpoint=checkpoint, backend="ONNX", out_file=out_file, class_path=class_path)
"""
    )
    assert (desk / "out_file2/catdog.onnx").exists()


def test_four_lines_on_a_board(desk, capsys):
    run = executed(
        """
from XEdu.hub import Workflow as wf
import numpy as np
mm = wf(task='mmedu',checkpoint='out_file/cats_dogs.onnx')
image = 'cat0.jpg'
res,img = mm.inference(data=image,img_type='cv2')
result = mm.format_output(lang="zh")
mm.show(img)
"""
    )
    assert run["result"]["预测结果"] == "dog"
    assert run["res"] == run["result"]
    assert run["img"].dtype == np.uint8
    assert "预测结果" in capsys.readouterr().out


def test_a_frame_of_a_camera_through_basedeploy(desk, capsys):
    video = desk / "摄像头.avi"
    frame = cv2.imdecode(np.fromfile("cat0.jpg", np.uint8), cv2.IMREAD_COLOR)
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 5, frame.shape[1::-1])
    for _ in range(3):
        writer.write(frame)
    writer.release()
    run = executed(
        """
import cv2
import BaseDeploy as bd
model_path = 'out_file/cats_dogs.onnx'
cap = cv2.VideoCapture('摄像头.avi')
ret, img = cap.read()
model = bd(model_path)
result = model.inference(img)
result = model.print_result(result)
if result['预测结果'] == 'dog':
    print('这是小狗，汪汪汪！')
else:
    print('这是小猫，喵喵喵！')
cap.release()
"""
    )
    assert run["result"]["标签"] == 1
    assert "汪汪汪" in capsys.readouterr().out


def test_onnxruntime_by_hand_with_basedata(desk, capsys):
    executed(
        """
import onnxruntime as rt
import BaseData
import numpy as np
tag = ['cat', 'dog']
sess = rt.InferenceSession('out_file/cats_dogs.onnx', None)

input_name = sess.get_inputs()[0].name
out_name = sess.get_outputs()[0].name

dt = BaseData.ImageData('cat0.jpg', backbone='LeNet')

input_data = dt.to_tensor()
pred_onx = sess.run([out_name], {input_name: input_data})
ort_output = pred_onx[0]
idx = np.argmax(ort_output, axis=1)[0]

if tag[idx] == 'dog':
    print('这是小狗，汪汪汪！')
else:
    print('这是小猫，喵喵喵！')
"""
    )
    assert "汪汪汪" in capsys.readouterr().out
