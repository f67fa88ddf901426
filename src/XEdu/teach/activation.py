"""Where in a picture a learner saw a class: class activation mapping.

Behind a mean over all places stands one linear layer, so a class' score is a sum over the places: each place's share
is the layer's weights times what is seen there (Zhou et al. 2016, "Learning deep features for discriminative
localization", equation 2). Grad-CAM (Selvaraju et al. 2017) of such a network is the same map up to a factor.
"""

from __future__ import annotations

import numpy as np

from XEdu.teach.softmax_regression import Floats, LastLayer


def evidence(feature_map: Floats, layer: LastLayer, label: int) -> Floats:
    """Return how much each place of a picture speaks for a class and not for the others.

    What is common to all classes changes no answer and is taken away; the bias, which holds the mean of all pictures,
    is shared out among the places. So the mean over the places is what the class' score stands out by.

    Args:
        feature_map: (D, H, W): what is seen at each place.
        layer: Of the learner.
        label: Of the class.

    Returns:
        (H, W), the strongest place 1, places that speak against it 0.
    """
    weight = layer.weight[label] - layer.weight.mean(0)
    bias = layer.bias[label] - layer.bias.mean()
    found = np.tensordot(weight, feature_map, 1) + bias
    positive: Floats = np.maximum(found, 0).astype(np.float32)
    largest = float(positive.max())
    return positive / np.float32(largest) if largest > 0 else positive
