"""Which names of a joblib file mean what: the estimators that are rebuilt, and what is passed over.

Homes of classes moved between versions of scikit-learn: each is listed where files of 0.20 to 1.9 say it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """An estimator that may be rebuilt.

    Attributes:
        module: Where it is imported from today.
        homes: Modules that files name.
        fitted: Attributes that training left and answers need; everything else of a file is passed over.
        algorithm: (family, name) of the algorithm that it is by itself; empty for parts of others.
    """

    module: str
    homes: tuple[str, ...]
    fitted: tuple[str, ...]
    algorithm: tuple[str, str] = ("", "")


_TREE = ("tree_", "classes_", "n_classes_", "n_outputs_", "n_features_", "max_features_")
_FOREST = ("estimators_", "estimator_", "classes_", "n_classes_", "n_outputs_", "n_features_")
_BOOST = ("estimators_", "estimator_", "estimator_weights_", "estimator_errors_", "classes_", "n_classes_")
_NETWORK = (
    *("coefs_", "intercepts_", "n_layers_", "n_outputs_", "out_activation_", "classes_", "_label_binarizer"),
    *("n_iter_", "loss_", "loss_curve_", "best_loss_", "t_"),
)
_SUPPORT = (
    *("support_", "support_vectors_", "_n_support", "n_support_", "_dual_coef_", "dual_coef_", "_intercept_"),
    *("intercept_", "_probA", "_probB", "probA_", "probB_", "_gamma", "_sparse", "classes_", "class_weight_"),
    *("shape_fit_", "fit_status_", "n_iter_", "_num_iter", "_effective_probability"),
)
_LINEAR = ("coef_", "intercept_", "rank_", "singular_", "n_iter_", "dual_gap_")
_NEIGHBOURS = ("_fit_X", "_y", "classes_", "outputs_2d_")

ESTIMATORS: dict[str, Known] = {
    "KNeighborsClassifier": Known(
        "sklearn.neighbors",
        ("sklearn.neighbors._classification", "sklearn.neighbors.classification"),
        _NEIGHBOURS,
        ("classification", "KNN"),
    ),
    "SVC": Known("sklearn.svm", ("sklearn.svm._classes", "sklearn.svm.classes"), _SUPPORT, ("classification", "SVM")),
    "GaussianNB": Known(
        "sklearn.naive_bayes",
        ("sklearn.naive_bayes",),
        ("theta_", "var_", "sigma_", "class_prior_", "class_count_", "classes_", "epsilon_"),
        ("classification", "NaiveBayes"),
    ),
    "DecisionTreeClassifier": Known(
        "sklearn.tree", ("sklearn.tree._classes", "sklearn.tree.tree"), _TREE, ("classification", "CART")
    ),
    "AdaBoostClassifier": Known(
        "sklearn.ensemble",
        ("sklearn.ensemble._weight_boosting", "sklearn.ensemble.weight_boosting"),
        _BOOST,
        ("classification", "AdaBoost"),
    ),
    "MLPClassifier": Known(
        "sklearn.neural_network",
        ("sklearn.neural_network._multilayer_perceptron", "sklearn.neural_network.multilayer_perceptron"),
        _NETWORK,
        ("classification", "MLP"),
    ),
    "RandomForestClassifier": Known(
        "sklearn.ensemble",
        ("sklearn.ensemble._forest", "sklearn.ensemble.forest"),
        _FOREST,
        ("classification", "RandomForest"),
    ),
    "LinearRegression": Known(
        "sklearn.linear_model",
        ("sklearn.linear_model._base", "sklearn.linear_model.base"),
        _LINEAR,
        ("regression", "LinearRegression"),
    ),
    "DecisionTreeRegressor": Known(
        "sklearn.tree", ("sklearn.tree._classes", "sklearn.tree.tree"), _TREE, ("regression", "CART")
    ),
    "RandomForestRegressor": Known(
        "sklearn.ensemble",
        ("sklearn.ensemble._forest", "sklearn.ensemble.forest"),
        _FOREST,
        ("regression", "RandomForest"),
    ),
    "Lasso": Known(
        "sklearn.linear_model",
        ("sklearn.linear_model._coordinate_descent", "sklearn.linear_model.coordinate_descent"),
        _LINEAR,
        ("regression", "Lasso"),
    ),
    "Ridge": Known(
        "sklearn.linear_model",
        ("sklearn.linear_model._ridge", "sklearn.linear_model.ridge"),
        _LINEAR,
        ("regression", "Ridge"),
    ),
    "SVR": Known("sklearn.svm", ("sklearn.svm._classes", "sklearn.svm.classes"), _SUPPORT, ("regression", "SVM")),
    "AdaBoostRegressor": Known(
        "sklearn.ensemble",
        ("sklearn.ensemble._weight_boosting", "sklearn.ensemble.weight_boosting"),
        _BOOST,
        ("regression", "AdaBoost"),
    ),
    "MLPRegressor": Known(
        "sklearn.neural_network",
        ("sklearn.neural_network._multilayer_perceptron", "sklearn.neural_network.multilayer_perceptron"),
        _NETWORK,
        ("regression", "MLP"),
    ),
    "KMeans": Known(
        "sklearn.cluster",
        ("sklearn.cluster._kmeans", "sklearn.cluster.k_means_"),
        ("cluster_centers_", "labels_", "inertia_", "n_iter_"),
        ("cluster", "Kmeans"),
    ),
    "SpectralClustering": Known(
        "sklearn.cluster",
        ("sklearn.cluster._spectral", "sklearn.cluster.spectral"),
        ("labels_",),
        ("cluster", "Spectral clustering"),
    ),
    "AgglomerativeClustering": Known(
        "sklearn.cluster",
        ("sklearn.cluster._agglomerative", "sklearn.cluster._hierarchical", "sklearn.cluster.hierarchical"),
        ("labels_", "n_clusters_", "n_leaves_", "n_connected_components_", "children_", "distances_"),
        ("cluster", "Agglomerative clustering"),
    ),
    "Birch": Known(
        "sklearn.cluster",
        ("sklearn.cluster._birch", "sklearn.cluster.birch"),
        ("subcluster_centers_", "subcluster_labels_", "labels_"),
        ("cluster", "Birch"),
    ),
    "PCA": Known(
        "sklearn.decomposition",
        ("sklearn.decomposition._pca", "sklearn.decomposition.pca"),
        (
            *("components_", "mean_", "explained_variance_", "explained_variance_ratio_", "singular_values_"),
            *("noise_variance_", "n_components_", "n_samples_"),
        ),
        ("reduction", "PCA"),
    ),
    "LinearDiscriminantAnalysis": Known(
        "sklearn.discriminant_analysis",
        ("sklearn.discriminant_analysis",),
        (
            *("scalings_", "xbar_", "means_", "priors_", "coef_", "intercept_", "classes_"),
            *("explained_variance_ratio_", "covariance_", "_max_components"),
        ),
        ("reduction", "LDA"),
    ),
    "LocallyLinearEmbedding": Known(
        "sklearn.manifold",
        ("sklearn.manifold._locally_linear", "sklearn.manifold.locally_linear"),
        ("embedding_", "reconstruction_error_", "nbrs_"),
        ("reduction", "LLE"),
    ),
    "PolynomialFeatures": Known(
        "sklearn.preprocessing",
        ("sklearn.preprocessing._polynomial", "sklearn.preprocessing._data", "sklearn.preprocessing.data"),
        ("n_input_features_", "n_output_features_"),
    ),
    "MinMaxScaler": Known(
        "sklearn.preprocessing",
        ("sklearn.preprocessing._data", "sklearn.preprocessing.data"),
        ("min_", "scale_", "data_min_", "data_max_", "data_range_", "n_samples_seen_"),
    ),
    "StandardScaler": Known(
        "sklearn.preprocessing",
        ("sklearn.preprocessing._data", "sklearn.preprocessing.data"),
        ("mean_", "var_", "scale_", "n_samples_seen_"),
    ),
    "NearestNeighbors": Known(
        "sklearn.neighbors", ("sklearn.neighbors._unsupervised", "sklearn.neighbors.unsupervised"), ("_fit_X",)
    ),
    "LabelBinarizer": Known(
        "sklearn.preprocessing",
        ("sklearn.preprocessing._label", "sklearn.preprocessing.label"),
        ("classes_", "y_type_", "sparse_input_"),
    ),
    "Pipeline": Known("sklearn.pipeline", ("sklearn.pipeline",), ()),
}
"""By the name of the class."""

BY_NAME = {f"{home}.{name}": name for name, known in ESTIMATORS.items() for home in known.homes}
TREES = frozenset({"sklearn.tree._tree.Tree"})

_NUMPY = ("numpy.core", "numpy._core")
_RANDOM = tuple(f"numpy.random._{name}" for name in ("mt19937.MT19937", "pcg64.PCG64", "philox.Philox", "sfc64.SFC64"))
_DISTANCES = tuple(
    f"sklearn.{home}.{name}{bits}"
    for home in ("metrics._dist_metrics", "neighbors._dist_metrics", "neighbors.dist_metrics")
    for name in (
        *("EuclideanDistance", "ManhattanDistance", "ChebyshevDistance", "MinkowskiDistance", "DistanceMetric"),
        *("SEuclideanDistance", "WMinkowskiDistance", "MahalanobisDistance", "HammingDistance", "CanberraDistance"),
    )
    for bits in ("", "64", "32")
)

PLAIN = frozenset(
    (
        *("numpy.dtype", "numpy.ndarray", "_codecs.encode", "collections.OrderedDict"),
        *("copyreg._reconstructor", "copy_reg._reconstructor", "builtins.object", "__builtin__.object"),
        *(f"{home}.multiarray.{name}" for home in _NUMPY for name in ("_reconstruct", "scalar")),
        *(f"{home}.numeric._frombuffer" for home in _NUMPY),
        *(f"{home}.NumpyArrayWrapper" for home in ("joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle")),
    )
)
"""What plain data are written with."""

LEFT_OUT = frozenset(
    (
        *(f"sklearn.neighbors.{home}.{name}" for home in ("_kd_tree", "kd_tree") for name in ("KDTree", "newObj")),
        *(f"sklearn.neighbors._kd_tree.KDTree{bits}" for bits in (32, 64)),
        *(f"sklearn.neighbors.{home}.{name}" for home in ("_ball_tree", "ball_tree") for name in ("BallTree", "newObj")),
        *(f"sklearn.neighbors._ball_tree.BallTree{bits}" for bits in (32, 64)),
        *_DISTANCES,
        *(f"sklearn.{home}.newObj" for home in ("metrics._dist_metrics", "neighbors._dist_metrics")),
        "sklearn.neighbors.dist_metrics.newObj",
        *(f"sklearn.cluster.{home}.{name}" for home in ("_birch", "birch") for name in ("_CFNode", "_CFSubcluster")),
        *(
            f"sklearn.neural_network.{home}.{name}Optimizer"
            for home in ("_stochastic_optimizers", "stochastic_optimizers", "_optimizers")
            for name in ("Adam", "SGD")
        ),
        *_RANDOM,
        *(f"numpy.random._pickle.__{name}_ctor" for name in ("randomstate", "bit_generator", "generator")),
        "numpy.random.__RandomState_ctor",
        "numpy.random.mtrand.RandomState",
        "numpy.random.bit_generator.SeedSequence",
        "numpy.random.bit_generator.__pyx_unpickle_SeedSequence",
        *(f"scipy.sparse.{home}.csr_matrix" for home in ("_csr", "csr")),
        *(f"numpy.{name}" for name in ("float64", "float32", "int64", "int32")),
    )
)
"""What models carry with them and no answer needs: trees of neighbours are built anew, the state of dice is not."""


def is_known(name: str) -> bool:
    """Whether a file of a model may say this name."""
    return name in BY_NAME or name in PLAIN or name in LEFT_OUT or name in TREES
