"""``Learner.save``: a whole model again, for everybody who runs models, and for a learner."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

import BaseDeploy
from BaseDT import onnx_file, onnx_replace
from BaseDT.errors import CheckpointInvalid, ParameterInvalid, PathNotWritable
from BaseDT.model_info import ModelInfo
from BaseDT.onnx_replace import Replacements
from XEdu.hub import Workflow
from XEdu.runtime.model import Model
from XEdu.teach import Learner

from .conftest import several, stripes

ANGLES = {"横": "flat", "竖": "steep", "格": "check"}
NEW = several("flat", 3, 80) + several("steep", 3, 80) + several("check", 3, 80)


def taught(file: Path, names: str = "横竖格") -> Learner:
    learner = Learner(file)
    for name in names:
        learner.add(name, several(ANGLES[name], 6))
    return learner


@pytest.mark.parametrize("backbone", ["LeNet", "MobileNet"])
def test_who_opens_it_gets_the_learners_answers(teachable, backbone, folder):
    learner = taught(teachable(backbone))
    file = learner.save("我的")
    assert file == Path("我的.onnx")
    deployed = BaseDeploy(str(file))
    session = onnxruntime.InferenceSession(str(file))
    assert [output.shape for output in session.get_outputs()] == [[1, 3], [1, learner._source.width]]
    for picture in NEW:
        said = learner.predict(picture)
        for other in (Workflow("mmedu", file).inference(picture), deployed.print_result(deployed.inference(picture))):
            assert other["预测结果"] == said["预测结果"]
            assert other["置信度"] == pytest.approx(said["置信度"], abs=1e-5)
        tensor = Model.load(file).tensor(picture)
        scores = session.run(["probs"], {"input": tensor})[0][0]
        assert scores[said["标签"]] == pytest.approx(said["置信度"], abs=1e-5)


def test_the_file_is_a_whole_one_and_keeps_all_but_the_head(teachable, folder):
    source = teachable()
    file = taught(source).save()
    assert file == Path("mine.onnx")
    onnx.checker.check_model(onnx.load(file), full_check=True)
    before, after = (onnx.load(path).graph for path in (source, file))
    assert [node.SerializeToString() for node in before.node] == [node.SerializeToString() for node in after.node]
    same = [
        a.SerializeToString() == b.SerializeToString()
        for a, b in zip(before.initializer, after.initializer, strict=True)
    ]
    assert same.count(False) == 2


def test_both_descriptions_name_the_new_classes(teachable, folder):
    file = taught(teachable()).save()
    header = onnx_file.read(file)
    source = onnx_file.read(teachable())
    assert json.loads(header.metadata["MODEL_INFO"])["classes"] == list(ANGLES)
    assert json.loads(header.metadata["MODEL_INFO"])["codebase"] == "MMCls"
    info, was = (ModelInfo.from_metadata(metadata) for metadata in (header.metadata, source.metadata))
    assert (info.classes, info.head, info.preprocess) == (tuple(ANGLES), was.head, was.preprocess)
    assert (header.opsets, header.ir_version) == (source.opsets, source.ir_version)


def test_a_saved_model_can_be_taught_again(teachable, folder):
    first = taught(teachable(), "横竖")
    again = taught(first.save("a.onnx"))
    direct = taught(teachable())
    for picture in NEW:
        assert again.predict(picture)["置信度"] == pytest.approx(direct.predict(picture)["置信度"], abs=1e-6)
    assert Workflow("mmedu", again.save("b.onnx")).inference(NEW[0])["预测结果"] == again.predict(NEW[0])["预测结果"]


def test_it_may_write_over_the_file_that_it_came_from(teachable, folder):
    shutil.copy(teachable(), "x.onnx")
    learner = taught(Path("x.onnx"), "横竖")
    learner.save("x.onnx")
    learner.add("格", several("check", 6))
    learner.save("x.onnx")
    assert Workflow("mmedu", "x.onnx").inference(NEW[-1])["预测结果"] == "格"


def test_a_file_for_any_number_of_pictures_stays_one(teachable, folder):
    model = onnx.load(teachable())
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.save(model, "x.onnx")
    file = taught(Path("x.onnx"), "横竖").save()
    opened = Model.load(file)
    assert [spec.shape for spec in opened.backend.outputs] == [(None, 2), (None, 84)]
    assert opened.run(np.concatenate([opened.tensor(picture) for picture in NEW]))[0].shape == (9, 2)


def test_an_old_version_of_ours_reads_it(teachable, folder):
    """Its description has one key more, and one that is not known there was always passed over."""
    metadata = onnx_file.read(taught(teachable()).save()).metadata
    values = json.loads(metadata["mmedu"])
    assert values["format"] == 1
    assert values.pop("head").keys() == {"features", "weight", "bias"}
    assert ModelInfo.from_dict(values) is not None


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_written_is_named(teachable, folder, refused):
    (folder / "zu").mkdir(mode=0o500)
    with refused(PathNotWritable, "zu"):
        taught(teachable()).save("zu/x.onnx")


def test_a_file_in_place_of_the_folder_is_named(teachable, folder, refused):
    Path("a").write_text("", "utf-8")
    with refused(PathNotWritable, "is a file"):
        taught(teachable()).save("a/x.onnx")


def test_what_cannot_be_written_leaves_the_old_file(teachable, folder, refused, monkeypatch):
    learner = taught(teachable())
    learner.save("x.onnx")
    before = Path("x.onnx").read_bytes()
    learner.add("横", stripes("flat", 70))
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(PermissionError(13, "closed")))
    with refused(PathNotWritable):
        learner.save("x.onnx")
    assert Path("x.onnx").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["x.onnx"]


@pytest.mark.parametrize("path", [None, 3, "", "a\0b"])
def test_what_is_no_path_is_named(teachable, path, folder, refused):
    with refused(ParameterInvalid, "path="):
        taught(teachable()).save(path)


@pytest.mark.parametrize("change", ["gone", "another"])
def test_a_source_that_is_not_the_same_any_more_is_named(teachable, change, folder, refused):
    shutil.copy(teachable(), "x.onnx")
    learner = taught(Path("x.onnx"), "横竖")
    if change == "gone":
        Path("x.onnx").unlink()
    else:
        shutil.copy(teachable("MobileNet"), "x.onnx")
    with refused(CheckpointInvalid, "x.onnx", "nothing that was learnt is lost"):
        learner.save("mine.onnx")
    assert not Path("mine.onnx").exists()
    shutil.copy2(teachable(), "x.onnx")
    assert learner.predict(NEW[0])["预测结果"] == "横"


def test_bytes_that_are_no_model_are_refused():
    new = Replacements({"w": np.zeros((2, 3), np.float32)}, {}, {})
    for data in (b"", b"no model at all", bytes(100)):
        with pytest.raises(ValueError, match=r"no |message"):
            onnx_replace.replaced(data, new)


def test_a_name_that_is_not_in_the_file_is_refused(teachable):
    for new in (Replacements({"w": np.zeros(3, np.float32)}, {}, {}), Replacements({}, {"scores": 3}, {})):
        with pytest.raises(ValueError, match="has no"):
            onnx_replace.replaced(teachable().read_bytes(), new)
