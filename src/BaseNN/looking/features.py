"""``extract_feature``: numbers that describe a sample, by the network itself or by one that knows photographs."""

from __future__ import annotations

from typing import Any

import numpy as np

from BaseNN.looking.outputs import checked_run
from BaseNN.looking.pretrained import Features, pretrained_features
from BaseNN.looking.view import View
from BaseNN.prediction.question import no_data


def extract_feature(view: View, data: Any, pretrain: str | None) -> Features:
    """Return what a network gives for one sample, (1, …).

    Args:
        view: The network.
        data: The sample: a picture (path, array, Pillow image), a row of numbers.
        pretrain: A network that knows photographs, in place of this one (``pretrained_features``).

    Raises:
        ParameterInvalid: There is no sample (-305).
        InputMismatch: The sample does not fit (-309).
        NothingLoaded: The network has no layers (-602).
        ParameterInvalid, WeightsUnavailable: There is no such ``pretrain``, or its weights are not here (-305, -107).
    """
    if data is None:
        raise no_data("extract_feature")
    if pretrain is not None:
        return pretrained_features(pretrain, data)
    given: Any = checked_run(view.model, view.sample(data), view.device)
    while isinstance(given, (tuple, list)):
        given = given[0]
    return np.asarray(given.float().cpu())
