"""Models of keypoints in training and deployed: ours, the compute limit, and what a good engineer would write by hand.

Runs in child processes only. The plain loop is in ``_pose_plain.py``.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench._cases import Job
from bench._deploy import MEAN, STD, Answer, Contender, compare
from bench._ours import _on_step, told
from bench._system import peak_memory

_ENOUGH = 10.0  # seconds after which a variant of the limit is known well enough
_SIDE, _WIDTH, _HEIGHT, _QUALITY = 480, 640, 480, 90
_PAD = 114


def make_data(root: Path, train: int, val: int) -> Path:
    """Write figures on JPEG pictures of 640×480, as a camera has them, with their boxes and joints."""
    cv2, figures = importlib.import_module("cv2"), importlib.import_module("MMEdu.demo.figures")
    scale, left = _SIDE / figures.SIDE, (_WIDTH - _SIDE) / 2
    for number, (split, count) in enumerate({"train": train, "valid": val}.items()):
        (root / "images" / split).mkdir(parents=True, exist_ok=True)
        images, annotations = [], []
        for index in range(count):
            figure = figures.compose(np.random.default_rng((number, index)))
            canvas = np.full((_HEIGHT, _WIDTH, 3), 127, np.uint8)
            canvas[:, int(left) : int(left) + _SIDE] = cv2.resize(figure.pixels, (_SIDE, _SIDE))
            name = f"{index:04}.jpg"
            done, data = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
            assert done
            (root / "images" / split / name).write_bytes(data.tobytes())
            points = figure.points * scale + [left, 0]
            x1, y1, x2, y2 = (np.array(figure.box) * scale + [left, 0, left, 0]).tolist()
            images.append({"id": index, "file_name": name, "width": _WIDTH, "height": _HEIGHT})
            keypoints = [value for x, y in points.tolist() for value in (round(x, 2), round(y, 2), 2)]
            box = {"bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)}
            annotations.append({"id": index, "image_id": index, "category_id": 1, "keypoints": keypoints, **box})
        bones = [[first + 1, second + 1] for first, second in figures.SKELETON]
        category = {"id": 1, "name": "figure", "keypoints": list(figures.NAMES), "skeleton": bones}
        document = {"images": images, "annotations": annotations, "categories": [category]}
        place = root / "annotations" / f"{split}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(document), encoding="utf-8")
    return root


def data(job: Job) -> dict[str, Any]:
    """The data set, made in a child: the parent stays small."""
    return {"root": str(make_data(Path(job.data), job.batch, job.option("val")))}


def ours(job: Job) -> dict[str, Any]:
    """Images/s in steady state, seconds from process start to the end of the first iteration, memory."""
    model = _model(job)
    model.load_dataset(job.data)
    steps: list[float] = []
    _on_step(lambda: steps.append(time.time()))
    log = model.train(
        epochs=job.epochs, batch_size=job.batch, validate=False, random_seed=1, log_interval=10, pretrained=False
    )
    return told(job, log, steps, len(dataset_of(job).train))


def limit(job: Job) -> dict[str, Any]:
    """Images/s of one variant: our network on one batch that never changes, with losses and an optimiser step."""
    torch = importlib.import_module("torch")
    limits = importlib.import_module("bench._limit")
    variant = limits.Variant.parse(job.variant)
    if not variant.prepare():
        return {"skipped": f"{job.variant}: not on this machine"}
    network, images, targets = _batch(job)
    network.train().to(memory_format=torch.channels_last)
    images = images.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16) if variant.bf16 else contextlib.nullcontext():
            losses = network.losses(network(images), targets[..., :2], targets[..., 2])
            loss = sum(losses.values())
        loss.backward()
        optimizer.step()

    rate = limits.rate_of(step, job, _ENOUGH)
    sizes = importlib.import_module("bench._models").state_size(network.state_dict())
    return {"rate": rate, "memory": peak_memory(), "state_size": sizes}


def make(job: Job) -> dict[str, Any]:
    """A checkpoint after some epochs, exported and quantised; how good each is, and how far the points are apart."""
    folder = Path(job.work)
    model = _model(job)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        model.load_dataset(job.data)
        log = model.train(epochs=job.epochs, lr=0.002, random_seed=1, validate=True, pretrained=False)
        file = model.convert(out_file=folder / "model.onnx")
        small = model.quantize(file, out_file=folder / "int8.onnx", images=60)
    rows = [line for line in said.getvalue().splitlines() if line.startswith("| ")]
    return {
        "file": str(file),
        "int8": str(small),
        "pck": [line["PCK"] for line in log if line["mode"] == "val"][-1],
        "quantised": rows[-1] if rows else "",
        "pixels": _parity(model, file, job),
    }


def _parity(model: Any, file: Path, job: Job) -> float:
    """The largest distance between a point of the trained model and of the file, in pixels of the picture."""
    workflow = importlib.import_module("XEdu.hub").Workflow(task="mmedu", checkpoint=str(file))
    model.load_checkpoint(thr=0.0)
    worst = 0.0
    for person in dataset_of(job).val:
        (one,) = model.fast_inference(image=person.path, boxes=[person.box], show=False, verbose=False)
        (other,) = workflow.inference(data=str(person.path), bbox=[person.box], thr=0.0)
        sure = np.minimum(one["分数"], other["分数"]) > 0.2
        off = np.linalg.norm(np.subtract(one["关键点坐标"], other["关键点坐标"]), axis=1)[sure]
        worst = max(worst, float(off.max(initial=0.0)))
    return worst


def hub(job: Job) -> dict[str, Any]:
    """Workflow beside a bare session of onnxruntime, from the file on disk to the points."""
    file = job.option("model")
    return compare({"ours": workflow(file), "bare": bare_session(file)}, job)


def workflow(file: str) -> Contender:
    model = importlib.import_module("XEdu.hub").Workflow(task="mmedu", checkpoint=file)

    def contender(picture: Path) -> Answer:
        (found,) = model.inference(data=str(picture), show=False, thr=0.0)
        return len(found["关键点坐标"]), found["置信度"]

    return contender


def bare_session(file: str) -> Contender:
    ort = importlib.import_module("onnxruntime")
    options = ort.SessionOptions()
    # As ours has them.
    options.intra_op_num_threads = importlib.import_module("XEdu.runtime.threads").available()
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    one = session.get_inputs()[0]
    side = one.shape[2]

    def contender(picture: Path) -> Answer:
        tensor, scale = tensor_by_hand(picture, side)
        (maps,) = session.run(None, {one.name: tensor})
        points, scores = points_by_hand(maps[0], side, scale)
        return len(points), float(scores.mean())

    return contender


def tensor_by_hand(picture: Path, side: int) -> tuple[np.ndarray[Any, np.dtype[np.float32]], float]:
    """Decode, fit into the square, RGB, normalise, channels first; and how much smaller the picture became."""
    cv2 = importlib.import_module("cv2")
    image = cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR)
    height, width = image.shape[:2]
    scale = side / max(height, width)
    small = (round(width * scale), round(height * scale))
    square = np.full((side, side, 3), _PAD, np.uint8)
    how = cv2.INTER_AREA if scale <= 0.5 else cv2.INTER_LINEAR
    square[: small[1], : small[0]] = cv2.resize(image, small, interpolation=how)
    tensor = (cv2.cvtColor(square, cv2.COLOR_BGR2RGB).astype(np.float32) - np.float32(MEAN)) / np.float32(STD)
    return np.ascontiguousarray(tensor.transpose(2, 0, 1)[None]), scale


def points_by_hand(
    maps: np.ndarray[Any, Any], side: int, scale: float
) -> tuple[list[list[float]], np.ndarray[Any, Any]]:
    """The highest cell of each map, moved a quarter of a cell towards its higher neighbours (Xiao et al. 2018)."""
    count, height, width = maps.shape
    flat = maps.reshape(count, -1)
    best = flat.argmax(1)
    rows, columns = best // width, best % width
    padded, every = np.pad(maps, ((0, 0), (1, 1), (1, 1)), mode="edge"), np.arange(count)
    shift_x = padded[every, rows + 1, columns + 2] - padded[every, rows + 1, columns]
    shift_y = padded[every, rows + 2, columns + 1] - padded[every, rows, columns + 1]
    x = (columns + 0.5 + 0.25 * np.sign(shift_x)) * side / width / scale
    y = (rows + 0.5 + 0.25 * np.sign(shift_y)) * side / height / scale
    return np.stack([x, y], 1).tolist(), flat[every, best].clip(0, 1)


def _model(job: Job) -> Any:
    model = importlib.import_module("MMEdu").MMPose(job.backbone)
    model.save_fold = str(Path(job.work) / "run")
    return model


def _batch(job: Job) -> tuple[Any, Any, Any]:
    """A fresh network, and the first persons with their points, ready for ``losses``."""
    torch = importlib.import_module("torch")
    room = "MMEdu.tasks.pose"
    rooms = (importlib.import_module(f"{room}.{name}") for name in ("samples", "learning", "description"))
    samples, learning, description = rooms
    dataset, entry = dataset_of(job), entry_of(job.backbone)
    people = samples.PosedPeople(dataset.train[: job.batch], entry.preprocess, whole=False)
    numbers = np.arange(job.batch)
    table = np.stack([people.load(index, strict=False) for index in numbers.tolist()])
    task = learning.PoseTask(entry, people, description.Described(dataset.names))
    torch.manual_seed(1)
    return entry.build(len(dataset.names)), *task.inputs(people.gather(numbers, table), torch.device("cpu"))


def entry_of(backbone: str) -> Any:
    return importlib.import_module("MMEdu.models.registry").find(backbone, "pose")


def dataset_of(job: Job) -> Any:
    """The persons with their points, upright."""
    return importlib.import_module("BaseDT.dataset.keypoints").load(job.data)
