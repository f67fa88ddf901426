"""Its torch side: it takes its own step, with two optimisers, and keeps an average of its weights."""

import numpy as np
import torch
from torch.nn.functional import mse_loss
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from MMEdu.engine.feed import EvalFeed, SampleSource, TrainFeed
from MMEdu.engine.plan import RunParts


class ToneTask:
    name = "tone"

    def __init__(self, preprocess, tones, sharpness):
        self.preprocess, self.tones, self.sharpness = preprocess, tones, sharpness

    def step(self, trainer, batch):
        images, tones = self._tensors(batch)
        loss = self.sharpness * mse_loss(trainer.model(images), tones)
        loss.backward()
        for optimizer in trainer.optimizers.values():
            optimizer.step()
            optimizer.zero_grad()
        return {"loss": loss.detach()}

    def average(self, model):
        return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.5))

    def trained(self, model):
        return model

    def _tensors(self, batch):
        return torch.from_numpy(self.preprocess.normalize(batch.inputs)), torch.from_numpy(batch.targets)

    def predict(self, model, batch, device):
        return model(self._tensors(batch)[0]).numpy()

    def metrics(self, predictions, indices):
        return {"mae": float(np.abs(predictions - self.tones[indices]).mean())}

    def better(self, new, old, key):
        return new[key] < old[key]


def parts(context):
    data, arguments, process = (
        context.data,
        context.arguments,
        {"rank": context.group.rank, "world": context.group.world},
    )
    sources = [SampleSource(part.samples, part.store, lambda _: None) for part in (data.train, data.val)]
    tones = np.stack([data.val.samples.load(i, strict=False)[1] for i in range(len(data.val.samples))])
    return RunParts(
        build=lambda: context.entry.build(0),
        task=ToneTask(context.entry.preprocess, tones, arguments.sharpness),
        optimizers=lambda network: {
            "weight": torch.optim.Adam([network.layer.weight], lr=arguments.lr),
            "bias": torch.optim.SGD([network.layer.bias], lr=arguments.lr, momentum=0.9),
        },
        train=TrainFeed(sources[0], arguments.batch_size, arguments.random_seed, **process),
        val=EvalFeed(sources[1], arguments.batch_size, **process),
        best_key="mae",
        meta={},
        size=data.size,
    )
