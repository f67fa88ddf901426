"""A network of words answers: what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from BaseDT.arguments import is_integer
from BaseDT.errors import InputMismatch, ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseNN.files.trained import TrainedNetwork
from BaseNN.prediction.question import Answer, Question

_LONGEST = 100_000


def answer(network: TrainedNetwork, question: Question) -> Answer:
    """Read a word, or several, and tell how likely each word is to be the next.

    Returns:
        (words,) float32 shares that sum to 1, and what is remembered: the next question's ``hidden``.

    Raises:
        ParameterInvalid: There are no words, or one that the network does not know (-305).
        InputMismatch: ``hidden`` is not what this network remembers (-309).
    """
    numbers = numbers_of(question.data, network.word2idx)
    model: Any = network.model.to(question.device).eval()
    hidden = _hidden(question.hidden, model, question.device)
    with torch.inference_mode():
        given, hidden = model(torch.tensor([numbers], device=question.device), hidden)
        shares = given[0, -1].float().softmax(0).cpu().numpy()
    return Answer((np.asarray(shares), tuple(part.clone() for part in hidden)))


def numbers_of(data: Any, known: Mapping[str, int]) -> list[int]:
    """Return the numbers of a word, of the characters of a text, or of a list of words.

    Raises:
        ParameterInvalid: There are no words, or one that is not known (-305).
    """
    if isinstance(data, str) and data in known:
        return [known[data]]
    words: Sequence[Any] = list(data) if isinstance(data, (str, list, tuple, np.ndarray)) else [data]
    if not 0 < len(words) <= _LONGEST:
        raise ParameterInvalid(
            say(f"data={quoted(data)} holds no words.", f"data={quoted(data)} 中没有词。"),
            hint=say("Give at least one word.", "请至少给出一个词。"),
        )
    return [_number(word, known) for word in words]


def _number(word: Any, known: Mapping[str, int]) -> int:
    if isinstance(word, str) and word in known:
        return known[word]
    if is_integer(word) and 0 <= word < len(known):
        return int(word)
    few = ", ".join(list(known)[:8])
    near = did_you_mean(word, known) if isinstance(word, str) and len(word) > 1 else ""
    raise ParameterInvalid(
        say(f"The network does not know the word {quoted(word)}.", f"词表中没有 {quoted(word)}。"),
        hint=f"{near} {say(f'It knows {len(known)}: {few} …', f'词表共 {len(known)} 个词：{few}……')}".strip(),
    )


def _hidden(hidden: Any, model: Any, device: torch.device) -> tuple[Tensor, Tensor] | None:
    """Return what was remembered, on the device."""
    if hidden is None:
        return None
    shape = (model.lstm.num_layers, 1, model.lstm.hidden_size)
    parts = list(hidden) if isinstance(hidden, (tuple, list)) else []
    tensors = [torch.as_tensor(part) for part in parts if isinstance(part, (Tensor, np.ndarray))]
    if len(tensors) != 2 or len(parts) != 2 or any(tuple(part.shape) != shape for part in tensors):
        raise InputMismatch(
            say("hidden is not what this network remembers.", "hidden 不是该网络的记忆状态。"),
            hint=say(
                "Give what the last inference returned: output, hidden = inference(data, hidden=hidden).",
                "请传入上一次推理返回的 hidden：output, hidden = inference(data, hidden=hidden)。",
            ),
        )
    return tensors[0].float().to(device), tensors[1].float().to(device)
