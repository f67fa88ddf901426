"""A network of words answers: what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from BaseDT.arguments import is_integer
from BaseDT.errors import InputMismatch, ParameterInvalid
from BaseDT.language import say
from BaseNN.files.trained import TrainedNetwork
from BaseNN.prediction.question import Answer, Question
from XEdu.hub import network_refusals

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
    if not words or data is None:
        raise network_refusals.no_words()
    if len(words) > _LONGEST:
        raise ParameterInvalid(
            say(f"The text has more than {_LONGEST} words.", f"文字超过 {_LONGEST} 个词。"),
            hint=say("Give its end alone.", "请只给出末尾的部分。"),
        )
    return [_number(word, known) for word in words]


def _number(word: Any, known: Mapping[str, int]) -> int:
    if isinstance(word, str) and word in known:
        return known[word]
    if is_integer(word) and 0 <= word < len(known):
        return int(word)
    raise network_refusals.unknown_word(word, known)


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
