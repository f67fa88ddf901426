"""A diffusion model answers: it draws."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from BaseDT.arguments import check_integer, checked_flag
from BaseNN.diffusion.model import Diffusion
from BaseNN.files.trained import TrainedNetwork
from BaseNN.prediction.question import Answer, Question

_MOST = 10_000


def answer(network: TrainedNetwork, question: Question) -> Answer:
    """Draw pictures with torch's random numbers.

    Returns:
        (num, timestep + 1, C, H, W) float32 from 0 to 1, from noise to the picture; (num, C, H, W) of pictures alone.

    Raises:
        ParameterInvalid: There cannot be so many (-305).
    """
    num = check_integer("num", question.num, most=_MOST)
    every = checked_flag("return_all_timesteps", question.return_all_timesteps)
    model = cast(Diffusion, network.model).to(question.device).eval()
    if every:
        return Answer(np.stack([state.cpu().numpy() for state in model.draw(num)], 1))
    last: Any = None
    for state in model.draw(num):
        last = state
    return Answer(last.cpu().numpy())
