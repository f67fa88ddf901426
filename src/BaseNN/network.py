"""``nn``: the documented class. Each method is one call of the room that does the work."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from BaseDT.arguments import checked_flag, checked_path, documented
from BaseDT.errors import TrainingInterrupted
from BaseDT.language import say
from BaseDT.missing_names import Named
from BaseDT.terminal import write_line
from BaseNN.data import loading
from BaseNN.files import at_hand, opening, trained
from BaseNN.layers import describing, laying
from BaseNN.learning import asking, seeding, training
from BaseNN.learning.loaders import loaders
from BaseNN.learning.optimizer_names import checked_optimizer
from BaseNN.learning.request import TrainingRequest
from BaseNN.looking import drawn, features, noise
from BaseNN.looking import layers as layer_pictures
from BaseNN.looking.view import View, brightest_of
from BaseNN.prediction import printed
from BaseNN.prediction.question import Question, answer, laid_since, nothing_learnt
from BaseNN.tasks import checked_task
from MMEdu.engine import device
from MMEdu.engine.events import Listener
from MMEdu.engine.listeners.console import console
from MMEdu.engine.loop import StopSignal

if TYPE_CHECKING:
    import torch
    from torch import nn as torch_nn

    from BaseDT.image import Pixels
    from BaseNN.data.training_data import TrainingData
    from BaseNN.files.trained import TrainedNetwork
    from BaseNN.layers.stack import Stack

Path = str | os.PathLike[str]


class nn(Named):  # noqa: N801 - the documents' name
    """A network that is laid layer by layer (逐层搭建神经网络)."""

    @documented
    def __init__(self, task: str = "cls", save_fold: Path | None = None) -> None:
        """Begin a network without layers.

        Args:
            task: ``cls`` for classes, ``reg`` for numbers, ``gen`` for what makes texts or pictures.
            save_fold: Where ``train`` writes; ``checkpoints`` where nothing is said.

        Raises:
            ParameterInvalid: No such task (-305).
        """
        self.task = checked_task(task)
        self.optimizer = "Adam"
        self.save_fold = "checkpoints" if save_fold is None else str(checked_path("save_fold", save_fold))
        self.batchsize: int | None = None
        self.layers: list[Any] = []
        self.color: str | None = None
        self.transform: Any = None
        self.img_classes: list[str] | None = None
        self.word2idx: dict[str, int] | None = None
        self.res: Any = None
        self.val_label: Any = None
        self.best_file: pathlib.Path | None = None  # of the last training; None where nothing was held out
        self._laid = laying.Network()  # replaced as one: by add, by data, by a file
        self._data: TrainingData | None = None
        self._trained: dict[str, Any] = {}
        self._of_file = False  # what the attributes say, though other data are at hand
        self._device: torch.device | None = None
        self._seed: int | None = None

    @property
    def model(self) -> torch_nn.Module:
        """The network, a ``torch.nn.Sequential``; made when it is first asked for."""
        self._laid, model = self._laid.built()
        return model

    @model.setter
    def model(self, module: torch_nn.Module) -> None:
        self._laid = laying.of_module(module, self._laid.stack.surroundings)

    @property
    def device(self) -> torch.device:
        """Where it trains and answers: the best of the machine, or what was assigned (``'cpu'``)."""
        if self._device is None:
            self._device = device.resolve("auto")
        return self._device

    @device.setter
    def device(self, name: str | torch.device) -> None:
        self._device = device.resolve(str(name))

    @property
    def ix2word(self) -> dict[int, str]:
        """Words by number, as the documents ask for the one that follows: ``model.ix2word[index]``."""
        return {number: word for word, number in (self.word2idx or {}).items()}

    idx2word = ix2word

    @property
    def _stack(self) -> Stack:
        """The layers as plain data."""
        return self._laid.stack

    @property
    def _own(self) -> Mapping[int, torch_nn.Module]:
        """Modules of the user's own, by number of the layer."""
        return self._laid.own

    def _learn_from(self, data: TrainingData) -> None:
        """Take data that were read: the layers are fitted to them, the documented attributes say what they are.

        Raises:
            ParameterInvalid: A layer does not fit them (-305); everything stays as it was.
        """
        self._laid = self._laid.fitted_to(data.surroundings)
        self._data = data
        self.batchsize = data.batch_size or len(data.inputs)
        self._described_by(data)

    def _described_by(self, data: TrainingData) -> None:
        """Let the documented attributes say what the data are."""
        self._of_file = False
        self.color, self.transform = data.color or None, dict(data.transform) or None
        self.img_classes, self.word2idx = list(data.classes) or None, dict(data.word2idx) or None

    def _loaded(self, data: TrainingData) -> Any:
        """Learn from data that were read, and return their batches."""
        self._learn_from(data)
        for text in data.notes:
            write_line(text)
        return loaders(data)

    def _request(
        self,
        lr: float,
        epochs: int,
        batch_num: int,
        loss: str,
        metrics: Sequence[str],
        filename: str,
        resume: bool,
    ) -> TrainingRequest:
        """Return what a training is asked for.

        Raises:
            DatasetNotLoaded, ParameterInvalid: There are no data (-603), or no layers (-305).
        """
        if self._data is None:
            raise asking.no_data()
        if not self._stack.layers:
            raise asking.no_layers()
        folder = checked_path("save_fold", self.save_fold)
        asked = (self.optimizer, lr, epochs, batch_num, loss, metrics, filename, str(self.device), self._seed, resume)
        return TrainingRequest(self.model, self._stack, self._data, self.task, folder, *asked)

    def _read(self, checkpoint: Path) -> TrainedNetwork:
        """Read a file; modules of the user's own are taken from the layers that were added."""
        return opening.read(checked_path("checkpoint", checkpoint), self._own)

    @documented
    def trained_network(self) -> TrainedNetwork:
        """Return the network as it is now, in evaluation mode, on the processor, with all that is known of it."""
        return at_hand.apart(self._at_hand())

    def _at_hand(self) -> TrainedNetwork:
        """Return the network itself, with all that is known of it."""
        known = str(self._trained.get("dataset_type", ""))
        return at_hand.network(
            self.model,
            self._stack,
            self.task,
            dataset_type=known if self._data is None or self._of_file else self._data.kind,
            classes=self.img_classes,
            word2idx=self.word2idx,
            color=self.color,
            transform=self.transform,
            meta=self._trained,
        )

    def _taken(self, path: Path) -> TrainedNetwork:
        """Take the network of a file, with all that it says."""
        network = opening.read(checked_path("checkpoint", path), self._own)
        self._laid = replace(self._laid, stack=network.stack, model=network.model, fresh="")
        self.layers = [layer.layer or layer.module or None for layer in network.stack.layers]
        if self._data is not None and self._data.surroundings.inputs != network.stack.surroundings.inputs:
            self._data = None
        self._of_file = self._data is not None
        self.task = network.task
        self.color, self.transform = network.color or None, dict(network.transform) or None
        self.img_classes, self.word2idx = list(network.classes) or None, dict(network.word2idx) or None
        self._trained = {**network.meta, "dataset_type": network.dataset_type}
        return network

    @documented
    def add(
        self,
        layer: str | torch_nn.Module | None = None,
        activation: str | None = None,
        optimizer: str | None = None,
        **kw: Any,
    ) -> None:
        """Add a layer, an activation, or both; or only choose the optimiser (添加网络层).

        It is checked at once against what comes out of the layer before it, or against the data where they are loaded.

        Args:
            layer: A name of docs/layers.md in any letter case, or a ``torch.nn.Module``.
            activation: ``relu``, ``tanh``, ``leakyrelu``, ``sigmoid`` or ``softmax``.
            optimizer: ``Adam``, ``SGD``, ``Adagrad`` or ``ASGD``, for ``train``.
            kw: What the layer takes, e.g. ``size=(4, 10)``; ``size=10`` takes what comes in.

        Raises:
            ParameterInvalid: No such name, or the layer does not fit (-305): the message names layer and size.
            ParameterUnknown: The layer takes no such argument (-501).
        """
        chosen = self.optimizer if optimizer is None else checked_optimizer(optimizer)
        if layer is not None or activation is not None or optimizer is None:
            self._laid = self._laid.added(layer, activation, kw)
            self.layers.append(layer)
        self.optimizer = chosen

    @documented
    def load_img_data(
        self,
        data_path: Path,
        classes: Sequence[str] | Mapping[Any, Any] | None = None,
        batch_size: int = 32,
        train_val_ratio: float = 1.0,
        shuffle: bool = True,
        batch_mode: bool = False,
        transform: Mapping[str, Any] | None = None,
        color: str = "RGB",
        num_workers: int = 0,
    ) -> Any:
        """Read pictures from class folders (载入图片数据集).

        Args:
            data_path: The folder that holds one folder for each class; their sorted names count from 0.
            classes: Names by label, a list or ``{0: 'cat', 1: 'dog'}``; None takes those of the folders.
            batch_size: Pictures of a batch.
            train_val_ratio: The share to train with; 1 holds out none. The rest is scored after every epoch.
            shuffle: Another order in each epoch.
            batch_mode: Accepted for old programs: pictures are read once, and kept as small as they are needed.
            transform: What is done to each picture, e.g. ``{'Resize': (128, 128), 'RandomHorizontalFlip': 0.5}``; what
                is drawn by chance is for training alone.
            color: ``RGB`` or ``grayscale``.
            num_workers: Accepted for old programs: threads read.

        Returns:
            The batches, (N, C, H, W) from 0 to 1, blue first, and labels; where samples are held out, theirs too.

        Raises:
            DatasetNotFound, DatasetInvalid: No such folder, no classes, damaged pictures (-101, -201).
            ParameterInvalid: Pictures of several sizes without ``Resize``, an unknown transform (-305).
        """
        del batch_mode, num_workers  # pictures are read once, in threads
        wishes = loading.Wishes.of(self.task, batch_size, train_val_ratio, shuffle, self._seed)
        return self._loaded(loading.of_pictures(data_path, classes, transform, color, wishes))

    @documented
    def load_tab_data(
        self,
        data_path: Path,
        batch_size: int = 32,
        train_val_ratio: float = 1.0,
        shuffle: bool = True,
        y_type: str = "long",
        num_workers: int = 0,
    ) -> Any:
        """Read a table, the last column of which is the label (载入表格数据集).

        Args:
            data_path: A ``.csv`` or ``.txt`` file; its first line may name the columns.
            batch_size: Rows of a batch.
            train_val_ratio: The share to train with; 1 holds out none. The rest is scored after every epoch.
            shuffle: Another order in each epoch.
            y_type: Accepted for old programs: ``nn('cls')`` takes labels, words too, ``nn('reg')`` numbers.
            num_workers: Accepted for old programs.

        Returns:
            The batches, (N, F) and labels; where rows are held out, theirs too.

        Raises:
            DatasetNotFound, DatasetInvalid: No such file; a cell that is no number, by line and column (-101, -201).
        """
        del num_workers
        wishes = loading.Wishes.of(self.task, batch_size, train_val_ratio, shuffle, self._seed)
        return self._loaded(loading.of_table(data_path, y_type, wishes))

    @documented
    def load_npz_data(
        self,
        data_path: Path,
        batch_size: int = 32,
        shuffle: bool = True,
        classes: Sequence[str] | Mapping[Any, Any] | None = None,
        train_val_ratio: float = 1.0,
        num_workers: int = 0,
    ) -> Any:
        """Read arrays: movements, texts, anything (载入 npz 数据集).

        Args:
            data_path: A ``.npz`` file with ``data`` (N, …) and ``label``; texts have ``word2idx``, too.
            batch_size: Samples of a batch.
            shuffle: Another order in each epoch.
            classes: Names by label.
            train_val_ratio: The share to train with; 1 holds out none. The rest is scored after every epoch.
            num_workers: Accepted for old programs.

        Returns:
            The batches; where samples are held out, theirs too.

        Raises:
            DatasetNotFound, DatasetInvalid: No such file; it is cut off, or holds objects (-101, -201).
        """
        del num_workers
        wishes = loading.Wishes.of(self.task, batch_size, train_val_ratio, shuffle, self._seed)
        return self._loaded(loading.of_npz(data_path, classes, wishes))

    @documented
    def load_dataset(
        self,
        x: Any,
        y: Any,
        num_workers: int = 0,
        word2idx: Mapping[str, int] | None = None,
        classes: Sequence[str] | Mapping[Any, Any] | None = None,
    ) -> None:
        """Take arrays, lists, tensors or frames; all of them are one batch (载入数组).

        Args:
            x: Samples (N, …): numbers as they are; texts as numbers of words.
            y: Labels (N,), numbers or words; shares of each class (N, K); numbers where the task is ``reg``.
            num_workers: Accepted for old programs.
            word2idx: The vocabulary of texts.
            classes: Names by label.

        Raises:
            DatasetInvalid: Other than finite numbers, or not as many labels as samples (-201).
        """
        del num_workers
        self._loaded(loading.of_arrays(x, y, word2idx, classes, self.task))

    @documented
    def set_seed(self, seed: int) -> None:
        """Let everything that draws begin at the same place: first weights, order of batches, noise (设置随机种子).

        Args:
            seed: 0 to 2 ** 32 - 1; the same gives the same network on the same machine.

        Raises:
            ParameterInvalid: It is no such number (-305).
        """
        self._seed = seeding.set_seed(seed)

    @documented
    def train(
        self,
        lr: float = 0.1,
        epochs: int = 30,
        batch_num: int = 1,
        batch_size: int = 16,
        save_fold: Path | None = None,
        loss: str = "CrossEntropyLoss",
        metrics: Sequence[str] = (),
        filename: str = "basenn.pth",
        checkpoint: Path | None = None,
        *,
        resume: bool = False,
        listener: Listener | None = None,
        stop: StopSignal | None = None,
    ) -> list[dict[str, Any]]:
        """Train; the weights are those of the last epoch afterwards, ``best_file`` is that of the best one (训练).

        Numbers (``reg``) are learnt from their mean on: the last linear layer of a fresh network begins there.

        Args:
            lr: Learning rate.
            epochs: Passes over the data; in all where a run is resumed.
            batch_num: Into how many batches arrays of ``load_dataset`` are cut.
            batch_size: Accepted for old programs: the data bring theirs.
            save_fold: Where the files go; None is ``nn.save_fold``.
            loss: A name of ``torch.nn``. A softmax at the end and CrossEntropyLoss go together: one of the two counts.
            metrics: Of ``acc``, ``mae``, ``mse``; printed, and in the list.
            filename: Of the last epoch's network; ``latest.pth`` and the best epoch's lie beside it.
            checkpoint: Start from the weights of this file.
            resume: Go on with the run in ``save_fold`` that was interrupted.
            listener: Told of everything, in place of the console.
            stop: Ends the training between two steps: an object with ``is_set()``.

        Returns:
            A line for each step: ``epoch`` from 0, ``loss``, the metrics; ``val_…`` in the last one of an epoch where
            samples are held out. Of a resumed run those from where it goes on; of one that was finished already what
            its log holds.

        Raises:
            DatasetNotLoaded: There are no data (-603).
            ParameterInvalid, ClassCountMismatch: Something does not go together (-305, -306).
            TrainingInterrupted, LossNotFinite: It ended early; the last files stay (-801, -802).
        """
        asking.check_callbacks(listener, stop)
        if save_fold is not None:
            self.save_fold = str(checked_path("save_fold", save_fold))
        request = asking.checked(self._request(lr, epochs, batch_num, loss, metrics, filename, resume), batch_size)
        request = replace(request, fresh=not self._trained and checkpoint is None)
        if self._of_file:
            self._described_by(request.data)  # of which it learns from now on
        if checkpoint is not None:
            write_line(
                asking.start_from(request.model, opening.read(checked_path("checkpoint", checkpoint), self._own))
            )
        try:
            outcome = training.train(request, listener, stop)
        except TrainingInterrupted:  # what it has learnt so far answers
            self._trained = self._trained or {"dataset_type": request.data.kind}
            self._laid = self._laid.learnt()
            raise
        self._trained, self._laid = trained.kept(outcome.meta), self._laid.learnt()
        self.best_file = outcome.best_file
        return outcome.log

    @documented
    def inference(
        self,
        data: Any = None,
        show: bool = False,
        checkpoint: Path | None = None,
        hidden: Any = None,
        label: bool = False,
        num: int = 4,
        return_all_timesteps: bool = True,
    ) -> Any:
        """Let the network answer (推理).

        Args:
            data: A picture, a list or a folder of them; rows as array, list, ``.csv`` or ``.npz`` file; batches of
                ``load_…``, whose labels are ``val_label`` afterwards; a word.
            show: Print the answer.
            checkpoint: A file to take the network from.
            hidden: Of a text: what the network remembers of the words before.
            label: The last column of the file is the label: left out, and ``val_label`` afterwards.
            num: Of a diffusion model: how many pictures, of its classes in turn where it was told some.
            return_all_timesteps: Likewise: every step from noise to picture.

        Returns:
            (N, K) float32; of a text probabilities and what is remembered; drawn pictures (num, steps, C, H, W).

        Raises:
            NothingLoaded: It has learnt nothing, and there is no file (-602).
            InputMismatch: The data have another shape than those of the training (-309).
        """
        network = self._at_hand() if checkpoint is None else self._taken(checkpoint)
        if not self._trained:
            raise nothing_learnt()
        if self._laid.fresh:
            raise laid_since(self._laid.fresh)
        shown, labelled = checked_flag("show", show), checked_flag("label", label)
        question = Question(data, labelled, hidden, num, return_all_timesteps, self.device)
        answered = answer(network, question)
        self.res, self.val_label = answered.result, answered.labels
        if shown:
            write_line(f"推理结果为： {self.res}")
        return self.res

    @documented
    def print_result(self, result: Any = None) -> dict[int, dict[str, Any]]:
        """Print what was predicted, by the number of the sample (输出推理结果).

        Args:
            result: What ``inference`` returned; None is the last answer.

        Returns:
            ``{0: {'预测值': 0, '置信度': 0.98, '预测结果': 'cat'}}``: the label, its share, and its name where it has
            one; of a text ``'预测值'`` is the word, and numbers have no share.

        Raises:
            NothingToShow: There is none (-601).
        """
        names = printed.Names.of(self.img_classes, self.word2idx)
        scores = printed.scores_of(self._stack, self._trained.get("loss"))
        said = printed.said(self.res if result is None else result, self.task, names, scores)
        write_line(f"推理结果为： {said}")
        return said

    @documented
    def convert(
        self,
        checkpoint: Path | None = None,
        out_file: Path = "convert_model.onnx",
        backend: str = "ONNX",
        opset_version: int = 10,
        ir_version: int = 6,
    ) -> pathlib.Path:
        """Write the network as an ONNX file that runs without torch, and a sample script (转换为 ONNX).

        Args:
            checkpoint: A file that ``train`` or ``save`` wrote; None takes the network as it is.
            out_file: The file to write; its folder is made, its suffix completed.
            backend: ``ONNX``.
            opset_version: Version of ONNX' operators.
            ir_version: Version of ONNX' file format; the least that the operators need where that is more.

        Returns:
            The file.

        Raises:
            CheckpointNotFound, CheckpointInvalid: ``checkpoint`` cannot be used (-102, -202).
            NothingLoaded: Nobody knows what the data look like, or a layer was laid after the training (-602).
            ParameterInvalid: No such backend, or opset and IR that cannot be (-305).
            ExportFailed, ExportDiffers: It cannot be written (-806), or says something else (-807).
            PathNotWritable, DiskFull: ``out_file`` cannot be written (-104, -803).
        """
        from BaseNN.export import convert  # needs the package onnx

        version = convert.version_of(opset_version, ir_version, console())
        if checkpoint is None and self._trained and self._laid.fresh:
            raise laid_since(self._laid.fresh)
        network = self.trained_network() if checkpoint is None else self._read(checkpoint)
        samples = None if self._data is None else self._data.inputs
        return convert.convert(network, out_file, backend, version, samples, console()).file

    @documented
    def save(self, model_path: Path = "basenn.pth") -> None:
        """Write the network with all that is known of it: tensors and plain data (保存模型).

        Args:
            model_path: ``.pth`` or ``.pkl``; any other suffix is followed by ``.pth``.

        Raises:
            PathNotWritable, DiskFull: It cannot be written (-104, -803).
        """
        path = opening.completed("model_path", model_path)
        trained.write(self._at_hand(), path)
        if self._trained and self._laid.fresh:
            write_line(laid_since(self._laid.fresh).message)
        write_line(say(f"Saved: {path}", f"保存模型 {path} 成功！"))

    @documented
    def load(self, model_path: Path) -> None:
        """Take the network of a file, with its layers, classes and transforms; nothing in it is run (载入模型).

        Args:
            model_path: What ``train`` or ``save`` wrote, also of the original.

        Raises:
            CheckpointNotFound, CheckpointInvalid: -102, -202.
        """
        self._taken(model_path)
        write_line(say(f"Loaded: {model_path}", f"载入模型 {model_path} 成功！"))

    @documented
    def print_model(self) -> None:
        """Print each layer, what comes out of it, and how many weights it has (打印模型结构).

        Raises:
            ParameterInvalid: A layer lacks what only data could tell (-305).
        """
        for line in describing.lines(self._laid.stack, self.model):
            write_line(line)

    @property
    def _view(self) -> View:
        """The network as one looks into it."""
        inputs = self._stack.surroundings.inputs
        white = brightest_of(self._data, str(self._trained.get("dataset_type", "")))
        names = self.img_classes or (), self.device, self.word2idx or {}
        return View(self.model, inputs, self.color or "", *names, white)

    @documented
    def visual_feature(self, data: Any, in1img: bool = False, save_fold: Path = "layers") -> None:
        """Write what each layer makes of a sample: pictures, or a text for a row of numbers (可视化每一层的输出).

        Args:
            data: A picture (path, array H×W or H×W×C, Pillow image), or a row of numbers.
            in1img: All layers in one picture, ``total.jpg``, instead of ``1.jpg``, ``2.jpg`` …
            save_fold: Where they are written; for a row of numbers ``layer_data.txt``.

        Raises:
            InputMismatch: The sample does not fit (-309).
            NothingLoaded: There are no layers (-602).
        """
        layer_pictures.visual_feature(self._view, data, save_fold, in1img)

    @documented
    def extract_feature(self, data: Any = None, pretrain: str | None = None) -> npt.NDArray[Any]:
        """Return numbers that describe a sample (提取特征).

        Args:
            data: A picture (path, array, Pillow image), or a row of numbers.
            pretrain: ``'EfficientNet_Lite0'``, or a classifier of torchvision whose weights are on this machine
                (``'resnet34'``): what it sees before it decides. None: what this network gives.

        Returns:
            (1, features) float32.

        Raises:
            InputMismatch: The sample does not fit (-309).
            WeightsUnavailable: The weights are not on this machine (-107).
        """
        return features.extract_feature(self._view, data, pretrain)

    @documented
    def noisy(self, data: Any, timestep: int = 500, num: int = 10, show: bool = True) -> list[npt.NDArray[Any]]:
        """Bring noise to a picture step by step, as the diffusion model learns it (正向加噪).

        Args:
            data: Path, array or Pillow image.
            timestep: Steps from the picture to noise.
            num: How many states, evenly from the picture on.
            show: Show them side by side where there is a place: a notebook or a desktop.

        Returns:
            (C, H, W) each, the picture's values from 0 to 1.
        """
        return noise.noisy_pictures(data, timestep, num, gray=self.color == "grayscale", show=show)

    @documented
    def show(
        self, data: Any, size: tuple[int, int] = (2, 2), visual_timesteps: bool = False, *, save: Path | None = None
    ) -> Pixels:
        """Show what a diffusion model drew, in a grid (显示生成的图片).

        Args:
            data: What ``inference`` returned.
            size: Rows and columns, as many together as there are pictures.
            visual_timesteps: A row is then a picture on its way from noise.
            save: Also write the grid to this file.

        Returns:
            The grid, H×W×3 uint8, BGR.

        Raises:
            GridMismatch: The grid does not fit (-308).
        """
        return drawn.show_drawn(data, size, visual_timesteps, save=save)
