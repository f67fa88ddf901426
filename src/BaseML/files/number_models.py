"""Models that are tables of numbers: set up from what a file says of them, with every shape checked.

What is compiled in scikit-learn trusts these shapes.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from BaseML.files import plain
from BaseML.files.described import Described
from BaseML.files.nodes import Damaged

_KERNELS = ("linear", "poly", "rbf", "sigmoid")
_HIGHEST_DEGREE = 50
_MOST_TERMS = 1_000_000


def neighbours(made: Any, file: Described) -> None:
    """Teach the neighbours anew: the compiled tree of a file is not needed."""
    rows = file.numbers("_fit_X", None, None)
    plain.count(made.n_neighbors, 1, len(rows))
    if file.name == "NearestNeighbors":
        made.fit(rows)
        return
    labels = file.classes()
    numbers = file.numbers("_y", len(rows), whole=True)
    if not np.array_equal(np.unique(numbers), np.arange(len(labels))):
        raise Damaged("neighbours with other labels than those listed")
    made.fit(rows, numbers)
    made.classes_ = labels


def support_vectors(made: Any, file: Described) -> None:
    """Set up a support vector machine of dense numbers, as libsvm wants them."""
    if file.said.get("_sparse") or made.kernel not in _KERNELS:
        raise Damaged("a support vector machine of another kind")
    vectors = file.numbers("support_vectors_", None, None)
    classifies = file.name == "SVC"
    counts = file.numbers("_n_support n_support_", None, whole=True)
    if not classifies:
        counts = np.array([len(vectors), len(vectors)])
    elif (counts < 0).any() or counts.sum() != len(vectors) or len(counts) < 2:
        raise Damaged("support vectors of no class")
    pairs = len(counts) * (len(counts) - 1) // 2
    made.n_features_in_ = vectors.shape[1]
    made.support_vectors_, made._n_support = vectors, counts.astype(np.int32)
    made.support_ = np.arange(len(vectors), dtype=np.int32)
    for name, shape in (("dual_coef_", (len(counts) - 1, len(vectors))), ("intercept_", (pairs,))):
        inner = file.numbers(f"_{name} {name}", *shape)
        setattr(made, f"_{name}", inner)
        setattr(made, name, -inner if classifies and len(counts) == 2 else inner)
    made._gamma = plain.number(file.raw("_gamma"), 0)
    _probabilities(made, file, pairs)
    made._sparse, made.fit_status_, made.shape_fit_ = False, 0, (len(vectors), vectors.shape[1])
    made._num_iter = np.ones(pairs, np.int32)
    made.n_iter_ = made._num_iter if classifies else 1
    if classifies:
        made.classes_ = file.classes()
        made.class_weight_ = np.ones(len(counts))
        if len(made.classes_) != len(counts):
            raise Damaged("support vectors of other classes than those listed")


def _probabilities(made: Any, file: Described, pairs: int) -> None:
    for new, old in (("_probA", "probA_"), ("_probB", "probB_")):
        values = file.numbers(f"{new} {old}", None) if file.has(new) or file.has(old) else np.empty(0)
        if len(values) not in (0, pairs):
            raise Damaged("probabilities of other pairs")
        setattr(made, new, values)
    made._effective_probability = bool(len(made._probA)) and file.name == "SVC"
    if file.name == "SVC":
        made.probability = made._effective_probability


def naive_bayes(made: Any, file: Described) -> None:
    """Set up Gaussian naive Bayes: a mean and a spread for each class and column."""
    made.classes_ = file.classes()
    made.theta_ = file.numbers("theta_", len(made.classes_), None)
    made.var_ = file.numbers("var_ sigma_", *made.theta_.shape)
    made.class_prior_ = file.numbers("class_prior_", len(made.classes_))
    made.n_features_in_ = made.theta_.shape[1]
    if not (made.var_ > 0).all():
        raise Damaged("spreads that are none")
    if not (made.class_prior_ >= 0).all() or not np.isclose(made.class_prior_.sum(), 1):
        raise Damaged("shares of classes that are none together")
    file.carry(made, "class_count_", "epsilon_")


def layers(made: Any, file: Described) -> None:
    """Set up a perceptron: each layer takes what the one before gives."""
    weights = [plain.numbers(item, None, None) for item in file.list("coefs_")]
    shifts = [plain.numbers(item, None) for item in file.list("intercepts_")]
    widths = [weights[0].shape[0], *(item.shape[1] for item in weights)]
    if [item.shape for item in weights] != list(itertools.pairwise(widths)):
        raise Damaged("layers that do not go together")
    if [len(item) for item in shifts] != widths[1:]:
        raise Damaged("layers that do not go together")
    made.coefs_, made.intercepts_ = weights, shifts
    made.n_layers_, made.n_features_in_, made.n_outputs_ = len(widths), widths[0], widths[-1]
    made.out_activation_ = plain.value(file.raw("out_activation_"))
    if {made.activation, made.out_activation_} - {"identity", "logistic", "tanh", "relu", "softmax", "exp"}:
        raise Damaged("an activation that there is not")
    file.carry(made, "n_iter_", "loss_", "loss_curve_", "best_loss_", "t_")
    if file.name == "MLPClassifier":
        made.classes_ = file.classes()
        made._label_binarizer = file.part(file.raw("_label_binarizer"))
        outputs = 1 if len(made.classes_) == 2 else len(made.classes_)
        if made.n_outputs_ != outputs or len(made._label_binarizer.classes_) != len(made.classes_):
            raise Damaged("a last layer of other classes than those listed")


def binarizer(made: Any, file: Described) -> None:
    """Set up what turns classes into columns."""
    made.classes_ = file.classes()
    made.y_type_ = "multiclass" if len(made.classes_) > 2 else "binary"
    made.sparse_input_ = False


def linear(made: Any, file: Described) -> None:
    """Set up a line: a slope for each column, for each number that is estimated."""
    slopes = np.asarray(plain.value(file.raw("coef_")))
    made.coef_ = plain.numbers(slopes, *(None,) * min(max(slopes.ndim, 1), 2))
    shifts = np.asarray(plain.value(file.raw("intercept_")))
    made.intercept_ = plain.number(shifts) if not shifts.ndim else plain.numbers(shifts, None)
    if np.size(made.intercept_) not in (1, math.prod(made.coef_.shape[:-1])):
        raise Damaged("slopes and intercepts of different numbers")
    made.n_features_in_ = made.coef_.shape[-1]
    file.carry(made, "rank_", "singular_", "n_iter_", "dual_gap_")


def polynomial(made: Any, file: Described) -> None:
    """Teach the products of columns anew: they follow from the degree."""
    features = file.count("n_features_in_ n_input_features_")
    degree = max(np.reshape(np.asarray(made.degree), -1))
    highest = plain.count(degree, 0, _HIGHEST_DEGREE)
    if math.comb(features + highest, highest) > _MOST_TERMS:
        raise Damaged("more products of columns than any model has")
    made.fit(np.zeros((1, features)))


def centres(made: Any, file: Described) -> None:
    """Set up K-means."""
    from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

    made.cluster_centers_ = file.numbers("cluster_centers_", None, None)
    made.n_clusters, made.n_features_in_ = made.cluster_centers_.shape
    made._n_features_out, made._n_threads = made.n_clusters, _openmp_effective_n_threads()
    made.labels_ = _labels(file.numbers("labels_", None, whole=True), made.n_clusters)
    file.carry(made, "inertia_", "n_iter_")


def grouped(made: Any, file: Described) -> None:
    """Set up an algorithm that only knows the groups of its own data."""
    labels = file.numbers("labels_", None, whole=True)
    made.labels_ = _labels(labels, len(labels))
    made.n_features_in_ = file.count("n_features_in_") if file.has("n_features_in_") else None
    file.carry(made, "n_clusters_", "n_connected_components_", "distances_")
    if file.has("children_"):
        made.n_leaves_ = leaves = len(made.labels_)
        made.children_ = children = file.numbers("children_", None, 2, whole=True)
        if ((children < 0) | (children >= leaves + np.arange(len(children))[:, None])).any():
            raise Damaged("groups of groups that there are not")


def birch(made: Any, file: Described) -> None:
    """Set up Birch: its small groups, and to which large one each belongs."""
    made.subcluster_centers_ = file.numbers("subcluster_centers_", None, None)
    small = len(made.subcluster_centers_)
    made.subcluster_labels_ = _labels(file.numbers("subcluster_labels_", small, whole=True), small)
    made._subcluster_norms = np.einsum("ij,ij->i", made.subcluster_centers_, made.subcluster_centers_)
    made._n_features_out, made.n_features_in_ = made.subcluster_centers_.shape
    made.labels_ = _labels(file.numbers("labels_", None, whole=True), small)


def _labels(labels: Any, groups: int) -> Any:
    """Return the groups of rows: there are at most so many."""
    if ((labels < 0) | (labels >= groups)).any():
        raise Damaged("groups that there are not")
    return labels.astype(np.int32)


def components(made: Any, file: Described) -> None:
    """Set up PCA: directions of the data."""
    components = file.numbers("components_", None, None)
    lies_by_column = np.asarray(plain.value(file.raw("components_"))).flags.fnc  # sums of another order end otherwise
    made.components_ = np.asfortranarray(components) if lies_by_column else components
    made.n_components_, made.n_features_in_ = made.components_.shape
    made.mean_ = file.numbers("mean_", made.n_features_in_)
    made.explained_variance_ = file.numbers("explained_variance_", made.n_components_)
    if (made.explained_variance_ < 0).any():
        raise Damaged("spreads that are none")
    file.carry(made, "explained_variance_ratio_", "singular_values_", "noise_variance_", "n_samples_")


def discriminants(made: Any, file: Described) -> None:
    """Set up LDA: directions that part the classes."""
    made.classes_ = file.classes()
    made.scalings_ = file.numbers("scalings_", None, None)
    made.n_features_in_ = made.scalings_.shape[0]
    made._max_components = file.count("_max_components", 1, made.scalings_.shape[1])
    made._n_features_out = made._max_components
    if made.solver == "svd":
        made.xbar_ = file.numbers("xbar_", made.n_features_in_)
    made.intercept_ = file.numbers("intercept_", None)
    made.coef_ = file.numbers("coef_", len(made.intercept_), made.n_features_in_)
    if len(made.intercept_) != (1 if len(made.classes_) == 2 else len(made.classes_)):
        raise Damaged("directions of other classes than those listed")
    file.carry(made, "means_", "priors_", "explained_variance_ratio_")


def locally_linear(made: Any, file: Described) -> None:
    """Set up LLE: where each row of its data lies, and its neighbours."""
    made.embedding_ = file.numbers("embedding_", None, None)
    made.nbrs_ = file.part(file.raw("nbrs_"))
    if type(made.nbrs_).__name__ != "NearestNeighbors" or made.nbrs_.n_samples_fit_ != len(made.embedding_):
        raise Damaged("neighbours of other data")
    made.n_neighbors = plain.count(made.n_neighbors, 1, len(made.embedding_))
    made.n_components = made._n_features_out = made.embedding_.shape[1]
    made.n_features_in_ = made.nbrs_.n_features_in_
    file.carry(made, "reconstruction_error_")


def scaler(made: Any, file: Described) -> None:
    """Set up a scaler of columns."""
    made.scale_ = file.numbers("scale_", None)
    made.n_features_in_ = count = len(made.scale_)
    if not (made.scale_ > 0).all():
        raise Damaged("columns of no size")
    names = ("min_", "data_min_", "data_max_", "data_range_") if file.name == "MinMaxScaler" else ("mean_", "var_")
    for name in names:
        setattr(made, name, file.numbers(name, count))
    made.n_samples_seen_ = 1
