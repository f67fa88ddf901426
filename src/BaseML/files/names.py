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
        algorithm: (family, name) of the algorithm that it is by itself; empty for parts of others.
    """

    module: str
    homes: tuple[str, ...]
    algorithm: tuple[str, str] = ("", "")


_ROWS: tuple[tuple[str, str, tuple[str, ...], tuple[str, str]], ...] = (
    ("KNeighborsClassifier", "neighbors", ("_classification", "classification"), ("classification", "KNN")),
    ("SVC", "svm", ("_classes", "classes"), ("classification", "SVM")),
    ("GaussianNB", "naive_bayes", ("",), ("classification", "NaiveBayes")),
    ("DecisionTreeClassifier", "tree", ("_classes", "tree"), ("classification", "CART")),
    ("AdaBoostClassifier", "ensemble", ("_weight_boosting", "weight_boosting"), ("classification", "AdaBoost")),
    ("MLPClassifier", "neural_network", ("_multilayer_perceptron", "multilayer_perceptron"), ("classification", "MLP")),
    ("RandomForestClassifier", "ensemble", ("_forest", "forest"), ("classification", "RandomForest")),
    ("LinearRegression", "linear_model", ("_base", "base"), ("regression", "LinearRegression")),
    ("DecisionTreeRegressor", "tree", ("_classes", "tree"), ("regression", "CART")),
    ("RandomForestRegressor", "ensemble", ("_forest", "forest"), ("regression", "RandomForest")),
    ("Lasso", "linear_model", ("_coordinate_descent", "coordinate_descent"), ("regression", "Lasso")),
    ("Ridge", "linear_model", ("_ridge", "ridge"), ("regression", "Ridge")),
    ("SVR", "svm", ("_classes", "classes"), ("regression", "SVM")),
    ("AdaBoostRegressor", "ensemble", ("_weight_boosting", "weight_boosting"), ("regression", "AdaBoost")),
    ("MLPRegressor", "neural_network", ("_multilayer_perceptron", "multilayer_perceptron"), ("regression", "MLP")),
    ("KMeans", "cluster", ("_kmeans", "k_means_"), ("cluster", "Kmeans")),
    ("SpectralClustering", "cluster", ("_spectral", "spectral"), ("cluster", "Spectral clustering")),
    (
        "AgglomerativeClustering",
        "cluster",
        ("_agglomerative", "_hierarchical", "hierarchical"),
        ("cluster", "Agglomerative clustering"),
    ),
    ("Birch", "cluster", ("_birch", "birch"), ("cluster", "Birch")),
    ("PCA", "decomposition", ("_pca", "pca"), ("reduction", "PCA")),
    ("LinearDiscriminantAnalysis", "discriminant_analysis", ("",), ("reduction", "LDA")),
    ("LocallyLinearEmbedding", "manifold", ("_locally_linear", "locally_linear"), ("reduction", "LLE")),
    ("PolynomialFeatures", "preprocessing", ("_polynomial", "_data", "data"), ("", "")),
    ("MinMaxScaler", "preprocessing", ("_data", "data"), ("", "")),
    ("StandardScaler", "preprocessing", ("_data", "data"), ("", "")),
    ("NearestNeighbors", "neighbors", ("_unsupervised", "unsupervised"), ("", "")),
    ("LabelBinarizer", "preprocessing", ("_label", "label"), ("", "")),
    ("Pipeline", "pipeline", ("",), ("", "")),
)
"""Class, module, where in it files of different versions say that it is, the algorithm that it is by itself."""

ESTIMATORS = {
    name: Known(f"sklearn.{module}", tuple(f"sklearn.{module}.{home}".rstrip(".") for home in homes), algorithm)
    for name, module, homes, algorithm in _ROWS
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
        *("builtins.bytes", "__builtin__.bytes"),
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
        *(
            f"sklearn.neighbors.{home}.{name}"
            for home in ("_ball_tree", "ball_tree")
            for name in ("BallTree", "newObj")
        ),
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
