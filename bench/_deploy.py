"""Running exported models: ours through the documented calls, and by hand what a good engineer would write.

Runs in child processes only. Contenders of one comparison share a process and take turns in short blocks: a machine
that slows down slows all of them. Between two blocks the process rests, so that no runtime's threads still spin.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import time
from collections.abc import Callable, Mapping
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench._cases import Job

Answer = tuple[int, float]
Contender = Callable[[Path], Answer]

_REST = 0.25  # seconds; OpenMP's threads spin for 0.2
_WARM = 5
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def make(job: Job) -> dict[str, Any]:
    """A checkpoint after one short epoch, and every file that it can be exported to. Files by their kind."""
    folder = Path(job.work)
    model = importlib.import_module("MMEdu").MMClassification(job.backbone)
    with contextlib.redirect_stdout(io.StringIO()):
        model.load_dataset(job.data)
        model.train(epochs=1, batch_size=8, validate=False, random_seed=1, save_fold=folder / "run")
        checkpoint = folder / "run" / "latest.pth"
        found = {"pth": str(checkpoint)}
        wanted: list[tuple[str, Callable[[], Any]]] = [
            ("FP32", lambda: model.convert(checkpoint=checkpoint, out_file=folder / "fp32.onnx")),
            # Nothing was learnt, so nothing can be lost: any drop is allowed.
            ("INT8", lambda: model.quantize(folder / "fp32.onnx", folder / "int8.onnx", job.data, max_drop=100)),
            ("openvino", lambda: model.convert(checkpoint=checkpoint, backend="OpenVINO", out_file=folder / "x.xml")),
            ("ncnn", lambda: model.convert(checkpoint=checkpoint, backend="NCNN", out_file=folder / "x.ncnn.param")),
        ]
        failed = {}
        for name, deed in wanted:
            if name in job.option("formats"):
                try:
                    found[name] = str(deed())
                except Exception as error:  # noqa: BLE001  (one format that fails costs its own cells only)
                    failed[name] = str(error)
    size_mb = importlib.import_module("XEdu.benchmark.files").size_mb
    sizes = {name: size_mb(Path(file)) for name, file in found.items()}
    return {"files": found, "sizes": sizes, "failed": failed}


def hub(job: Job) -> dict[str, Any]:
    """Workflow beside a bare session of onnxruntime."""
    return compare({"ours": workflow(job.option("model")), "bare": bare_session(job.option("model"))}, job)


def torch_(job: Job) -> dict[str, Any]:
    """``fast_inference`` beside bare torch."""
    return compare({"ours": fast_inference(job), "bare": bare_torch(job)}, job)


def files(job: Job) -> dict[str, Any]:
    """Workflow with several files of the same model; the networks alone where that is wanted, too."""
    models = job.option("models")
    found = compare({name: workflow(file) for name, file in models.items()}, job, agree=False)
    if not job.option("alone"):
        return found
    return {**found, "alone": compare({name: network(file) for name, file in models.items()}, job, agree=False)}


def compare(contenders: Mapping[str, Contender], job: Job, *, agree: bool = True) -> dict[str, Any]:
    """Let contenders take turns, block by block; every second turn runs backwards.

    Returns:
        ``ms``: medians over the blocks of the milliseconds that a picture takes; ``ratios``: the median of each
        contender's ratio to the last one, taken within a turn.
    """
    pictures = _pictures(job)
    answers = {name: [contender(picture) for picture in pictures] for name, contender in contenders.items()}
    if agree:
        _must_agree(answers)
    blocks: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for turn in range(job.iterations):
        for name in names[:: -1 if turn % 2 else 1]:
            time.sleep(_REST)
            blocks[name].append(_block(contenders[name], pictures, job.batch))
    reference = blocks[names[-1]]
    ratios = {name: median(a / b for a, b in zip(times, reference, strict=True)) for name, times in blocks.items()}
    return {"ms": {name: median(times) * 1e3 for name, times in blocks.items()}, "ratios": ratios, "blocks": blocks}


def _block(contender: Contender, pictures: list[Path], count: int) -> float:
    """Seconds that a picture takes: the mean of one block, after some that wake the threads up again."""
    turns = cycle(pictures)
    for _ in range(_WARM):
        contender(next(turns))
    began = time.perf_counter()
    for _ in range(count):
        contender(next(turns))
    return (time.perf_counter() - began) / count


def _must_agree(answers: Mapping[str, list[Answer]]) -> None:
    """A faster way to another answer would be no achievement."""
    first, *others = answers.values()
    for other in others:
        for (label, score), (its_label, its_score) in zip(first, other, strict=True):
            if label != its_label or abs(score - its_score) > 1e-3:
                raise ValueError(f"the contenders disagree: {answers}")


def _pictures(job: Job) -> list[Path]:
    return sorted(path for path in Path(job.option("pictures")).iterdir() if path.is_file())


# --- ours ----------------------------------------------------------------------------------------------------------


def workflow(file: str) -> Contender:
    model = importlib.import_module("XEdu.hub").Workflow(task="mmedu", checkpoint=file)

    def contender(picture: Path) -> Answer:
        result = model.inference(data=str(picture), show=False)
        return result["标签"], result["置信度"]

    return contender


def network(file: str) -> Contender:
    """The model alone: its input is made once for each picture."""
    image = importlib.import_module("BaseDT.image")
    model = importlib.import_module("XEdu.runtime.model").Model.load(file)
    tensors: dict[Path, Any] = {}

    def contender(picture: Path) -> Answer:
        if picture not in tensors:
            tensors[picture] = model.tensor(image.read(picture))
        (scores,) = model.run(tensors[picture])
        return int(scores.argmax()), float(scores.max())

    return contender


def fast_inference(job: Job) -> Contender:
    model = importlib.import_module("MMEdu").MMClassification(job.backbone)
    model.load_checkpoint(checkpoint=job.option("checkpoint"))

    def contender(picture: Path) -> Answer:
        result = model.fast_inference(image=str(picture), show=False, verbose=False)
        return result["pred_label"], result["pred_score"]

    return contender


# --- by hand -------------------------------------------------------------------------------------------------------


def bare_session(file: str) -> Contender:
    ort = importlib.import_module("onnxruntime")
    threads = importlib.import_module("XEdu.runtime.threads").available()
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1  # as ours has them
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def contender(picture: Path) -> Answer:
        (scores,) = session.run(None, {name: tensor_by_hand(picture)})
        label = int(scores[0].argmax())
        return label, float(scores[0, label])

    return contender


def bare_torch(job: Job) -> Contender:
    torch, models = importlib.import_module("torch"), importlib.import_module("bench._models")
    content = torch.load(job.option("checkpoint"), weights_only=True)
    network = models.build(job.backbone, len(content["meta"]["CLASSES"]))
    network.load_state_dict(_plain_names(content["state_dict"], network.state_dict()))
    network.eval()

    def contender(picture: Path) -> Answer:
        with torch.inference_mode():
            scores = network(torch.from_numpy(tensor_by_hand(picture))).softmax(1)[0]
        label = int(scores.argmax())
        return label, float(scores[label])

    return contender


def _plain_names(state: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The weights under torchvision's names: the same tensors in the same order, whatever the library calls them."""
    if state.keys() == wanted.keys():
        return dict(state)
    return dict(zip(wanted, state.values(), strict=True))


def tensor_by_hand(picture: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Decode, short side to 256, centre 224, RGB, normalised, channels first: as one writes it."""
    cv2 = importlib.import_module("cv2")
    image = cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR)
    height, width = image.shape[:2]
    scale = 256 / min(height, width)
    image = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_LINEAR)
    top, left = (image.shape[0] - 224) // 2, (image.shape[1] - 224) // 2
    image = cv2.cvtColor(image[top : top + 224, left : left + 224], cv2.COLOR_BGR2RGB)
    tensor = (image.astype(np.float32) - np.float32(MEAN)) / np.float32(STD)
    return np.ascontiguousarray(tensor.transpose(2, 0, 1)[None])
