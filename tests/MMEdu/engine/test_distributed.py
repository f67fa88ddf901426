"""Two CPU processes: the same metric of the same weights, one log, one set of files, the user's script runs once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from BaseDT.errors import ParameterInvalid, TrainingInterrupted
from MMEdu import MMClassification
from MMEdu.engine import checkpoint
from MMEdu.engine.events import CheckpointSaved, EpochFinished, Event, Iteration, RunStarted, Validated


def run(folder: Path, code: str, *launcher: str) -> subprocess.CompletedProcess[str]:
    file = folder / "脚 本.py"
    file.write_text(textwrap.dedent(code), encoding="utf-8")
    command = [sys.executable, *launcher, str(file)]
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8", cwd=folder, timeout=300)


@pytest.fixture(scope="module")
def data(make_imagenet, tmp_path_factory) -> Path:
    return make_imagenet(tmp_path_factory.mktemp("数据 集"), classes=("猫", "狗", "鸟"), train=9, val=5)


@pytest.fixture(scope="module")
def start(data, tmp_path_factory) -> Path:
    """Weights that know something, to be evaluated."""
    model = MMClassification("LeNet")
    model.load_dataset(data)
    model.train(epochs=2, lr=0.05, batch_size=4, random_seed=1, save_fold=tmp_path_factory.mktemp("start"))
    return Path(model.save_fold) / "latest.pth"


def val_lines(log):
    return [line for line in log if line["mode"] == "val"]


def test_two_processes_measure_what_one_does_and_write_one_set_of_files(data, start, tmp_path):
    """A rate that moves nothing leaves the weights, so that the metric is that of the same weights."""
    code = f"""
        from MMEdu import MMClassification as cls
        print('the script runs')
        model = cls('LeNet')
        model.load_dataset({str(data)!r})
        arguments = dict(epochs=1, lr=1e-30, weight_decay=0.0, batch_size=4, random_seed=5, checkpoint={str(start)!r})
        alone = model.train(save_fold='alone', **arguments)
        together = model.train(save_fold='together', distributed=True, devices=2, **arguments)
        assert together[0]['processes'] == 2 and alone[0]['processes'] == 1
        assert together[0]['batch_size'] == alone[0]['batch_size'] == 4
        ours, theirs = ({{k: v for k, v in log[-1].items() if k not in ('iter', 'lr')}} for log in (together, alone))
        assert ours == theirs, (ours, theirs)
        print(model.inference(image={str(next(data.glob("val_set/*/*")))!r}, show=False))
    """
    done = run(tmp_path, code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("the script runs") == 1
    assert "pred_label" in done.stdout
    assert done.stdout.count("Epoch(val) [1]") == 2
    names = {folder: sorted(f.name for f in (tmp_path / folder).iterdir()) for folder in ("alone", "together")}
    strip = [[n for n in names[folder] if not n.endswith(".log.json")] for folder in ("alone", "together")]
    assert strip[0] == strip[1]
    assert len([n for n in names["together"] if n.endswith(".log.json")]) == 1


@pytest.mark.full
def test_the_metric_is_that_of_the_saved_model_with_batch_normalisation_too(data, tmp_path):
    """Each process has seen other pictures: the running statistics are one process's, and the same for all."""
    code = f"""
        from MMEdu import MMClassification as cls
        model = cls('ResNet18')
        model.load_dataset({str(data)!r}, check=False)
        arguments = dict(epochs=1, image_size=32, batch_size=6, random_seed=5, precision='float32')
        log = model.train(save_fold='out', distributed=True, **arguments)
    """
    done = run(tmp_path, code)
    assert done.returncode == 0, done.stderr
    model = MMClassification("ResNet18")
    saved = checkpoint.read(tmp_path / "out" / "latest.pth")["meta"]["metrics"]
    files = sorted((data / "val_set").glob("*/*"))
    found = model.inference(image=files, checkpoint=tmp_path / "out" / "latest.pth", show=False)
    right = sum(row["pred_class"] == file.parent.name for row, file in zip(found, files, strict=True))
    assert saved["accuracy_top-1"] == pytest.approx(100 * right / len(files), abs=1e-3)


def test_training_together_agrees_within_noise_and_resumes(data, tmp_path):
    code = f"""
        from MMEdu import MMClassification as cls
        model = cls('LeNet')
        model.load_dataset({str(data)!r}, check=False)
        model.save_fold = 'out'
        one = model.train(epochs=3, lr=0.1, batch_size=4, random_seed=5, distributed=True)
        two = model.train(epochs=6, lr=0.1, batch_size=4, random_seed=5, distributed=True, resume=True)
        assert two[: len(one)][-1] == one[-1]
        assert two[-1]['epoch'] == 6
        assert two[-1]['accuracy_top-1'] > 90, two[-1]
    """
    done = run(tmp_path, code)
    assert done.returncode == 0, done.stderr


def test_under_torchrun_the_script_joins_the_group(data, tmp_path):
    """And leaves it with all its threads: one that outlives the interpreter may abort the process."""
    code = f"""
        import gc
        from pathlib import Path
        from MMEdu import MMClassification as cls
        model = cls('LeNet')
        model.load_dataset({str(data)!r}, check=False)
        log = model.train(epochs=1, batch_size=4, random_seed=5, save_fold='out')
        assert log[-1]['mode'] == 'val' and log[0]['mode'] == 'env', log  # in every process
        gc.collect()
        threads = [name.read_text() for name in Path('/proc/self/task').glob('*/comm')]  # empty where there is no /proc
        assert not [name for name in threads if 'gloo' in name], threads
    """
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
    done = run(tmp_path, code, *launcher)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Epoch(val) [1]") == 1
    assert "batch size 4 in each of 2 processes, 8 in all" in done.stdout
    assert len(list((tmp_path / "out").glob("*.log.json"))) == 1
    assert checkpoint.read(tmp_path / "out" / "latest.pth")["meta"]["settings"]["processes"] == 2


@pytest.mark.full
def test_an_error_in_a_process_comes_back_by_name(data, tmp_path):
    model = MMClassification("LeNet")
    model.load_dataset(data)
    with pytest.raises(ParameterInvalid, match="float16"):
        model.train(epochs=1, distributed=True, precision="float16", save_fold=tmp_path / "out")


@pytest.mark.full
def test_processes_share_the_features_of_a_frozen_backbone(data, start, tmp_path):
    code = f"""
        from MMEdu import MMClassification as cls
        model = cls('LeNet')
        model.load_dataset({str(data)!r})
        arguments = dict(epochs=1, lr=1e-30, weight_decay=0.0, batch_size=4, random_seed=5, checkpoint={str(start)!r})
        alone = model.train(save_fold='alone', freeze='backbone', **arguments)
        together = model.train(save_fold='together', freeze='backbone', distributed=True, devices=2, **arguments)
        ours, theirs = ({{k: v for k, v in log[-1].items() if k not in ('iter', 'lr')}} for log in (together, alone))
        assert ours == theirs, (ours, theirs)
        assert together[0]['iterations_per_epoch'] == alone[0]['iterations_per_epoch'] // 2 + 1
    """
    done = run(tmp_path, code)
    assert done.returncode == 0, done.stdout + done.stderr
    before, after = (checkpoint.read(file)["state_dict"] for file in (start, tmp_path / "together" / "latest.pth"))
    assert all(before[name].equal(after[name]) for name in before if not name.startswith("classifier.2"))


def test_the_processes_send_their_events_and_stop_ends_them(data, tmp_path):
    """One leader speaks for all; what it sends is what a run in one process sends."""
    events: list[Event] = []
    stop = threading.Event()

    def listen(event: Event) -> None:
        events.append(event)
        if isinstance(event, EpochFinished):
            stop.set()

    model = MMClassification("LeNet")
    model.load_dataset(data)
    with pytest.raises(TrainingInterrupted, match="stopped"):
        model.train(
            epochs=1000, batch_size=4, save_fold=tmp_path, distributed=True, devices=2, listener=listen, stop=stop
        )
    kinds = [type(event) for event in events]
    assert kinds.count(RunStarted) == 1
    assert {Iteration, Validated, CheckpointSaved, EpochFinished} <= set(kinds)
    assert all(isinstance(event.path, Path) for event in events if isinstance(event, CheckpointSaved))
    assert (tmp_path / "latest.pth").exists()
