"""A frozen backbone: nothing of it moves, the head learns from features, and files are as of any other run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from BaseDT.errors import CannotResume, DiskFull, MemoryExhausted, ParameterInvalid, TrainingInterrupted
from MMEdu import MMClassification
from MMEdu.engine import checkpoint
from MMEdu.engine.events import CheckpointSaved, Event, Notice, Progress, Validated
from MMEdu.tasks.classification.learning import ClassificationTask

HEAD = ("classifier.2.weight", "classifier.2.bias")
MADE = {"epochs": 3, "batch_size": 6, "lr": 0.05, "random_seed": 3}


@pytest.fixture
def learn(trained, tmp_path, quick) -> Callable[..., tuple[MMClassification, list[Event]]]:
    """Train LeNet from the weights of ``trained``; gives the model and what it told."""

    def run(
        folder: str = "模 型", backbone: str = "LeNet", **arguments: object
    ) -> tuple[MMClassification, list[Event]]:
        model, told = MMClassification(backbone), []
        model.listener = told.append
        model.load_dataset(trained.dataset)
        model.train(**{**MADE, "checkpoint": trained.checkpoint, "save_fold": tmp_path / folder, **arguments})
        return model, told

    return run


def moved(before: Path, after: Path) -> set[str]:
    """Names of the weights that differ."""
    first, second = (checkpoint.read(file)["state_dict"] for file in (before, after))
    assert first.keys() == second.keys()
    return {name for name, value in first.items() if not torch.equal(value, second[name])}


def notices(told: list[Event]) -> str:
    return "\n".join(event.text for event in told if isinstance(event, Notice))


def test_only_the_head_moves_and_the_file_is_whole(learn, trained):
    model, told = learn(freeze="backbone")
    run = model.trained
    assert moved(trained.checkpoint, run.latest_file) == set(HEAD)
    assert "24" in notices(told)
    model.checkpoint = run.best_file
    assert model.inference(image=trained.dog, show=False)["pred_class"] == "狗"


def test_what_it_validates_is_what_prediction_says(learn, trained):
    model, _ = learn(freeze="backbone", epochs=1)
    loss = [line for line in model.trained.log if line["mode"] == "val"][-1]["loss"]
    files = [p for name in ("狗", "猫") for p in sorted((trained.dataset / "val_set" / name).iterdir())]
    network = MMClassification("LeNet")
    network.load_checkpoint(model.trained.latest_file)
    scores = [network.fast_inference(str(p), show=False) for p in files]
    right = [
        s["pred_score"] if s["pred_class"] == p.parent.name else 1 - s["pred_score"]
        for s, p in zip(scores, files, strict=True)
    ]
    assert -torch.tensor(right).double().log().mean() == pytest.approx(loss, abs=1e-4)


def test_the_same_seed_gives_the_same_weights(learn):
    first, second = (learn(folder, freeze="backbone")[0].trained for folder in ("一", "二"))
    assert moved(first.latest_file, second.latest_file) == set()


def test_short_epochs_share_a_saving_and_the_best_is_never_lost(learn, tmp_path):
    model, told = learn(freeze="backbone", epochs=30, lr=0.02)
    run = model.trained
    epochs = [e.path.name for e in told if isinstance(e, CheckpointSaved) and e.kind == "epoch"]
    assert len(epochs) < 10
    assert epochs[-1] == "epoch_30.pth"
    meta = checkpoint.read(run.best_file)["meta"]
    best = min((line["loss"], line["epoch"]) for line in run.log if line["mode"] == "val")
    assert (meta["metrics"]["loss"], meta["epoch"]) == best
    assert sorted(p.name for p in (tmp_path / "模 型").glob("best_*.pth")) == [run.best_file.name]
    assert len([line for line in run.log if line["mode"] == "val"]) == 30


def test_resumed_it_ends_where_an_uninterrupted_run_does(learn, tmp_path):
    whole, _ = learn("整", freeze="backbone", epochs=4)
    learn("断", freeze="backbone", epochs=2)
    resumed, _ = learn("断", freeze="backbone", epochs=4, resume=True)
    assert moved(whole.trained.latest_file, resumed.trained.latest_file) == set()
    with pytest.raises(CannotResume, match="freeze"):
        learn("断", epochs=5, freeze=0, resume=True)


def test_unfrozen_afterwards_the_whole_network_goes_on_at_two_rates(learn):
    frozen, _ = learn("一", freeze="backbone")
    model, _ = learn("二", checkpoint=frozen.trained.latest_file, backbone_lr=0.1, epochs=1)
    assert {"features.0.weight", *HEAD} <= moved(frozen.trained.latest_file, model.trained.latest_file)
    groups = checkpoint.read(model.trained.latest_file)["optimizer"]["optimizers"]["main"]["param_groups"]
    assert [group["lr"] for group in groups] == pytest.approx([0.05, 0.005])


def test_a_number_of_stages_stays_as_it_was_loaded(learn, trained):
    model, _ = learn(freeze=2)
    changed = moved(trained.checkpoint, model.trained.latest_file)
    assert "features.6.weight" in changed
    assert not changed & {"features.0.weight", "features.3.weight"}


def test_statistics_of_frozen_stages_stay_too(make_imagenet, tmp_path, quick):
    data = make_imagenet(tmp_path / "数 据", train=4, val=2)
    for name, given in (("一", {}), ("二", {"freeze": 2}), ("三", {"freeze": "backbone", "views": 3})):
        model = MMClassification("ResNet18")
        model.load_dataset(data)
        start = {} if name == "一" else {"checkpoint": tmp_path / "一" / "latest.pth"}
        model.train(epochs=1, batch_size=4, image_size=32, random_seed=1, save_fold=tmp_path / name, **start, **given)
    first, second, third = (tmp_path / name / "latest.pth" for name in ("一", "二", "三"))
    changed = moved(first, second)
    assert not {name for name in changed if name.startswith(("conv1", "bn1", "layer1", "layer2"))}
    assert "layer3.0.bn1.running_mean" in changed
    assert moved(first, third) == {"fc.weight", "fc.bias"}


def test_without_weights_nothing_is_frozen_and_a_line_says_so(learn, trained):
    model, told = learn(freeze="backbone", checkpoint=None, epochs=1)
    assert "freeze='backbone'" in notices(told)
    assert "features.0.weight" in moved(trained.checkpoint, model.trained.latest_file)


@pytest.mark.parametrize("freeze", [2, "backbone"])
def test_what_froze_nothing_goes_on_so_with_the_same_arguments(learn, freeze):
    given = {"checkpoint": None, "freeze": freeze}
    whole, _ = learn("整", **given, epochs=2)
    learn("断", **given, epochs=1)
    resumed, told = learn("断", **given, epochs=2, resume=True)
    assert moved(whole.trained.latest_file, resumed.trained.latest_file) == set()
    assert f"freeze={freeze!r}" in notices(told)


def test_a_resumed_run_cannot_begin_to_freeze_nor_change_what_it_froze(learn, trained):
    learn("自由", epochs=1)
    with pytest.raises(CannotResume, match="freeze=None"):
        learn("自由", freeze=2, epochs=2, resume=True)
    learn("冻结", freeze=2, epochs=1)
    with pytest.raises(CannotResume, match="freeze=2"):
        learn("冻结", freeze="backbone", checkpoint=None, epochs=2, resume=True)
    resumed, told = learn("冻结", freeze=2, checkpoint=None, epochs=2, resume=True)
    assert "freeze" not in notices(told)
    assert not moved(trained.checkpoint, resumed.trained.latest_file) & {"features.0.weight", "features.3.weight"}


def test_more_stages_than_there_are_is_refused(learn):
    with pytest.raises(ParameterInvalid, match="has 3 stages"):
        learn(freeze=4)


def test_pictures_that_do_not_vary_have_one_view(learn):
    _, told = learn(freeze="backbone", views=4, epochs=1)
    assert "1 of 4 views" in notices(told) or "只保留 1" in notices(told)


def test_features_that_do_not_fit_are_an_error_with_a_way_out(learn, monkeypatch):
    monkeypatch.setattr("MMEdu.tasks.classification.frozen_backbone.memory.available_bytes", lambda: 1000)
    with pytest.raises(MemoryExhausted, match="features"):
        learn(freeze="backbone")


def test_a_file_that_vanished_is_left_out_of_the_features(trained, tmp_path, make_imagenet, quick, monkeypatch):
    monkeypatch.setenv("MMEDU_CACHE", "0")
    data = make_imagenet(tmp_path / "数 据", train=5, val=2)
    model, told = MMClassification("LeNet"), []
    model.listener = told.append
    model.load_dataset(data)
    gone = sorted((data / "training_set" / "狗").iterdir())[0]
    gone.unlink()
    model.train(epochs=2, batch_size=4, freeze="backbone", checkpoint=trained.checkpoint, save_fold=tmp_path / "模 型")
    assert gone.name in notices(told)
    assert len([line for line in model.trained.log if line["mode"] == "val"]) == 2


def test_the_pass_over_the_pictures_tells_how_far_it_is(learn):
    _, told = learn(freeze="backbone", epochs=1)
    done = [(event.done, event.total) for event in told if isinstance(event, Progress) and "eature" in event.what]
    assert done == [(1, 3), (2, 3), (3, 3)]  # 24 training pictures in two batches, 8 to validate with


def test_it_stops_early_with_its_last_files_written(learn):
    model, _ = learn(freeze="backbone", epochs=50, lr=1e-20, early_stop=2)
    assert checkpoint.read(model.trained.latest_file)["meta"]["epoch"] == 3
    assert (model.trained.latest_file.parent / "epoch_3.pth").exists()


def fresh(backbone: str, folder: Path) -> Path:
    """A checkpoint of weights that have learnt nothing, for the classes of ``make_imagenet``."""
    from MMEdu.models import registry

    entry = registry.find(backbone, "classification")
    torch.manual_seed(5)
    meta = {"CLASSES": ["狗", "猫"], "backbone": entry.name, "task": entry.task}
    meta["preprocess"] = entry.preprocess.with_size(32).to_dict()
    file = folder / "起点.pth"
    file.write_bytes(checkpoint.to_bytes({"state_dict": entry.build(2).state_dict(), "meta": meta}))
    return file


@pytest.mark.parametrize("backbone", ["RepVGG", "squeezenet1_1"])
def test_fused_branches_and_heads_of_convolutions_train_too(backbone, make_imagenet, tmp_path, quick):
    data, start = make_imagenet(tmp_path / "数 据", train=4, val=2), fresh(backbone, tmp_path)
    model = MMClassification(backbone)
    model.load_dataset(data)
    model.train(
        **{**MADE, "epochs": 1},
        checkpoint=start,
        freeze="backbone",
        image_size=32 if backbone == "RepVGG" else 64,
        precision="float32",
        save_fold=tmp_path / "模 型",
    )
    changed = moved(start, model.trained.latest_file)
    assert changed == (
        {"head.weight", "head.bias"} if backbone == "RepVGG" else {f"classifier.1.{n}" for n in ("weight", "bias")}
    )
    picture = next((data / "val_set" / "狗").iterdir())
    assert 0 <= model.inference(image=picture, show=False)["pred_score"] <= 1


def test_views_differ_and_every_epoch_draws_among_them(make_imagenet, tmp_path):
    import numpy as np

    from BaseDT.dataset import imagenet
    from MMEdu.engine.distributed import ALONE
    from MMEdu.engine.feed import EvalFeed, SampleSource
    from MMEdu.engine.store import Budget
    from MMEdu.models import registry
    from MMEdu.tasks.classification.data import ClassificationData
    from MMEdu.tasks.classification.feature_batches import FeatureFeed, Views

    recipe, preprocess = (getattr(registry.find("ResNet18", "classification"), n) for n in ("recipe", "preprocess"))
    dataset = imagenet.load(make_imagenet(tmp_path / "数 据", train=4, val=2))
    data = ClassificationData(dataset, preprocess.with_size(32), recipe.augment, Budget.of_this_machine())
    views = Views(data.train.samples, seed=3)
    feed = EvalFeed(SampleSource(views, data.train.store, lambda _: None), 8)
    found = []
    for views.number in (0, 1, 1, 2):
        (batch,) = feed.epoch(views.number)
        found.append(batch.inputs)
    assert np.array_equal(found[1], found[2])
    assert not np.array_equal(found[1], found[3])
    plain = data.train.samples
    kept = plain.decode(plain.paths[0].read_bytes(), "a", strict=True)
    assert np.array_equal(found[0][0], plain.unvaried(kept))
    as_predicted = data.val.samples.decode(plain.paths[0].read_bytes(), "a", strict=True)
    assert np.array_equal(found[0][0], as_predicted)
    features = FeatureFeed(plain.labels, 4, ALONE, seed=1)
    rows = [np.full((8, 1), number, dtype=np.float32) for number in range(3)]
    features.take([(row, np.arange(8)) for row in rows])
    drawn = [np.concatenate([batch.inputs[:, 0] for batch in features.epoch(epoch)]) for epoch in (0, 0, 1)]
    assert np.array_equal(drawn[0], drawn[1])
    assert set(np.concatenate(drawn)) == {0.0, 1.0, 2.0}
    assert not np.array_equal(drawn[0], drawn[2])


def test_pictures_that_one_view_lacks_are_in_none():
    import numpy as np

    from MMEdu.engine.distributed import ALONE
    from MMEdu.tasks.classification.feature_batches import FeatureFeed

    feed = FeatureFeed(np.array([7, 8, 9]), 2, ALONE)
    whole, less = (
        (np.array([[0.0], [1.0], [2.0]], dtype=np.float32), np.array([0, 1, 2])),
        (np.array([[0.0], [2.0]]), np.array([0, 2])),
    )
    feed.take([whole, less])
    (batch,) = feed.epoch(0)
    assert (batch.indices.tolist(), batch.targets.tolist(), batch.inputs.ravel().tolist()) == (
        [0, 2],
        [7, 9],
        [0.0, 2.0],
    )


def test_the_pass_takes_smaller_batches_where_memory_is_short(learn, monkeypatch):
    map_bytes = 4 * 6 * 28 * 28 * 4  # LeNet's first maps
    monkeypatch.setattr("MMEdu.tasks.classification.frozen_backbone._room", lambda: 3 * map_bytes)
    _, told = learn(freeze="backbone", epochs=1)
    passes = [event.total for event in told if isinstance(event, Progress) and "eature" in event.what]
    assert passes[0] == 8 + 3  # batches of three in place of twelve: 24 to train on, 8 to validate with


def stopped(trained, folder: Path, error: BaseException, **arguments: object) -> list[Event]:
    """Train with a frozen backbone until something happens in the fourth epoch, between two savings."""
    told: list[Event] = []

    def stop(event: Event) -> None:
        told.append(event)
        if isinstance(event, Validated) and event.epoch == 4:
            raise error

    model = MMClassification("LeNet")
    model.listener = stop
    model.load_dataset(trained.dataset)
    given = {**MADE, "epochs": 6, "freeze": "backbone", "checkpoint": trained.checkpoint, "save_fold": folder}
    with pytest.raises((TrainingInterrupted, MemoryExhausted), match=r"latest\.pth"):
        model.train(**{**given, **arguments})
    return told


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryExhausted("No room.")], ids=["Ctrl-C", "error"])
def test_interrupted_between_two_savings_nothing_is_lost_and_it_ends_the_same(
    trained, learn, tmp_path, monkeypatch, error
):
    monkeypatch.setattr(ClassificationTask, "better", lambda *_: True)  # every epoch is the best until then
    whole, _ = learn("整", freeze="backbone", epochs=6)
    told = stopped(trained, tmp_path / "断", error)
    measured = {event.epoch: event.metrics["loss"] for event in told if isinstance(event, Validated)}
    for file in (tmp_path / "断" / "latest.pth", *(tmp_path / "断").glob("best_*.pth")):
        meta = checkpoint.read(file)["meta"]
        assert (meta["epoch"], meta["metrics"]["loss"]) == (3, measured[3])
    resumed, _ = learn("断", freeze="backbone", epochs=6, resume=True)
    assert moved(whole.trained.latest_file, resumed.trained.latest_file) == set()
    assert whole.trained.best_file.name == resumed.trained.best_file.name
    assert moved(whole.trained.best_file, resumed.trained.best_file) == set()


def test_a_best_epoch_before_the_latest_is_kept_when_it_is_interrupted(trained, tmp_path, quick, monkeypatch):
    is_best = iter([True, False, False])  # of the second, third and fourth epoch; the first always is
    monkeypatch.setattr(ClassificationTask, "better", lambda *_: next(is_best))
    stopped(trained, tmp_path / "断", KeyboardInterrupt())
    assert [file.name.rpartition("_")[2] for file in (tmp_path / "断").glob("best_*.pth")] == ["2.pth"]


def test_interrupted_where_nothing_can_be_written_the_last_saving_stands(trained, tmp_path, quick, monkeypatch):
    def full(_: object) -> None:
        raise DiskFull("The disk is full.")

    monkeypatch.setattr("MMEdu.engine.saving.Saver.flush", full)
    told = stopped(trained, tmp_path / "断", KeyboardInterrupt())
    assert checkpoint.read(tmp_path / "断" / "latest.pth")["meta"]["epoch"] == 1
    assert "The disk is full." in notices(told)


def test_a_small_head_learns_in_one_thread_and_gives_the_others_back(learn):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        learn(freeze="backbone", epochs=1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
