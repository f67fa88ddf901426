"""Training and running segmenters: ours through the documented calls, the compute limit, and by hand what a good
engineer would write. Runs in child processes only.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench._cases import Job
from bench._deploy import MEAN, STD, Answer, Contender, compare
from bench._ours import _on_step, told
from bench._system import peak_memory

_ENOUGH = 10.0  # seconds after which a variant of the limit is known well enough


@dataclass(frozen=True)
class Case:
    """One segmenter in training.

    Attributes:
        name: As the table has it.
        backbone: The library's name.
        batch: Pictures of a step: the recipe's.
        images: Training pictures in a full run, and in a quick one.
    """

    name: str
    backbone: str
    batch: int
    images: tuple[int, int]


CASES = (Case("fpn_mobilenet", "FPN_MobileNet", 8, (96, 16)), Case("unet", "UNet", 8, (96, 16)))


def entry_of(backbone: str) -> Any:
    return importlib.import_module("MMEdu.models.registry").find(backbone, "segmentation")


def _model(job: Job) -> Any:
    model = importlib.import_module("MMEdu").MMSegmentation(job.backbone)
    model.save_fold = str(Path(job.work) / "run")
    return model


def ours(job: Job) -> dict[str, Any]:
    """Images/s in steady state, seconds from process start to the end of the first iteration, memory."""
    model = _model(job)
    model.load_dataset(job.data)
    steps: list[float] = []
    _on_step(lambda: steps.append(time.time()))
    log = model.train(epochs=job.epochs, batch_size=job.batch, validate=False, random_seed=1, pretrained=False)
    return told(job, log, steps, len((Path(job.data) / "splits" / "train.txt").read_text("utf-8").splitlines()))


def limit(job: Job) -> dict[str, Any]:
    """Images/s of one variant: our network and loss on one batch that never changes, with an optimiser step."""
    torch = importlib.import_module("torch")
    limits, loss = importlib.import_module("bench._limit"), importlib.import_module("MMEdu.tasks.segmentation.loss")
    variant = limits.Variant.parse(job.variant)
    if not variant.prepare():
        return {"skipped": f"{job.variant}: not on this machine"}
    entry = entry_of(job.backbone)
    network = entry.build(5).train().to(memory_format=torch.channels_last)
    images = torch.randn(job.batch, 3, *entry.preprocess.size).contiguous(memory_format=torch.channels_last)
    masks = torch.randint(0, 5, (job.batch, *entry.preprocess.size), dtype=torch.uint8)
    optimizer = limits.fused_sgd(network)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16) if variant.bf16 else contextlib.nullcontext():
            logits = network(images)
        loss.losses(logits, masks)["loss"].backward()
        optimizer.step()

    rate = limits.rate_of(step, job, _ENOUGH)
    sizes = importlib.import_module("bench._models").state_size(network.state_dict())
    return {"rate": rate, "memory": peak_memory(), "state_size": sizes}


def learned(job: Job) -> dict[str, Any]:
    """What a short training reaches: mIoU of the validation, seconds; then mIoU of the exported file and of INT8.

    Options: ``pretrained``, ``side``.
    """
    model = _model(job)
    folder = Path(job.work)
    with contextlib.redirect_stdout(io.StringIO()) as text:
        model.load_dataset(job.data)
        began, processor = time.perf_counter(), time.process_time()
        log = model.train(
            epochs=job.epochs,
            random_seed=job.seed or 1,
            pretrained=job.option("pretrained"),
            **({"image_size": job.option("side")} if job.option("side") else {}),
        )
        seconds, processor = time.perf_counter() - began, time.process_time() - processor
        file = model.convert(out_file=folder / "model.onnx")
        model.quantize(checkpoint=file, out_file=folder / "int8.onnx", max_drop=100)
    row = next(line for line in text.getvalue().splitlines() if line.startswith(f"| {job.backbone} "))
    quality = [float(cell.strip().rstrip("%")) for cell in row.split("|")[5:7]]
    return {
        "miou": [100 * line["mIoU"] for line in log if line["mode"] == "val"],
        "seconds": seconds,
        "processor": processor,
        "exported": quality[0],
        "int8": quality[1],
        "file": str(file),
    }


def hub(job: Job) -> dict[str, Any]:
    """Workflow beside a bare session of onnxruntime, from the file on disk to the class of each pixel."""
    file = job.option("model")
    return compare({"ours": workflow(file), "bare": bare_session(file)}, job)


def workflow(file: str) -> Contender:
    model = importlib.import_module("XEdu.hub").Workflow(task="mmedu", checkpoint=file)

    def contender(picture: Path) -> Answer:
        return _answer(model.inference(data=str(picture), show=False).mask)

    return contender


def _answer(mask: np.ndarray[Any, Any]) -> Answer:
    """The most frequent class, and its share; of some pixels, for it must cost nothing."""
    counts = np.bincount(mask[::16, ::16].ravel())
    return int(counts.argmax()), round(float(counts.max() / counts.sum()), 2)


def bare_session(file: str) -> Contender:
    ort = importlib.import_module("onnxruntime")
    options = ort.SessionOptions()
    # As ours has them.
    options.intra_op_num_threads = importlib.import_module("XEdu.runtime.threads").available()
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name, side = session.get_inputs()[0].name, session.get_inputs()[0].shape[2]

    def contender(picture: Path) -> Answer:
        tensor, size = tensor_by_hand(picture, side)
        return _answer(mask_by_hand(session.run(["logits"], {name: tensor})[0][0], size))

    return contender


def tensor_by_hand(picture: Path, side: int) -> tuple[np.ndarray[Any, np.dtype[np.float32]], tuple[int, int]]:
    """Decode, stretch to the input, RGB, normalise, channels first; and the picture's height and width."""
    cv2 = importlib.import_module("cv2")
    image = cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR)
    height, width = image.shape[:2]
    image = cv2.cvtColor(cv2.resize(image, (side, side)), cv2.COLOR_BGR2RGB)
    tensor = (image.astype(np.float32) - np.float32(MEAN)) / np.float32(STD)
    return np.ascontiguousarray(tensor.transpose(2, 0, 1)[None]), (height, width)


def mask_by_hand(logits: np.ndarray[Any, Any], size: tuple[int, int]) -> np.ndarray[Any, Any]:
    """Softmax, each class enlarged to the picture, and the largest."""
    cv2 = importlib.import_module("cv2")
    exponentials = np.exp(logits - logits.max(axis=0))
    probabilities = exponentials / exponentials.sum(axis=0)
    height, width = size
    planes = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in probabilities]
    return np.stack(planes).argmax(axis=0).astype(np.uint8)
