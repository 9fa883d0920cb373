"""Metrics: what is averaged over the rows of an epoch beside the loss.

A metric is given to `Sequential.compile` by name or as an object, which may have a name of its own. "accuracy" means,
as in Keras 3, `BinaryAccuracy` for one output, `SparseCategoricalAccuracy` for class numbers, else
`CategoricalAccuracy`: so that for several sigmoid outputs it compares the largest ones, and `BinaryAccuracy` has to be
asked for by name.
"""

from dataclasses import dataclass, replace
from typing import Any

from multilogit.errors import InputError
from multilogit.networks._words import choose

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "get",
]


@dataclass(frozen=True)
class Metric:
    """A metric and the name that it has in a `History`."""

    name: str

    @property
    def kernel(self) -> str:
        """Name of its formula."""
        return _KERNELS[type(self)]

    @property
    def larger_is_better(self) -> bool:
        """Whether it is an accuracy."""
        return isinstance(self, Accuracy) or self.kernel.endswith("accuracy")

    @property
    def of_labels(self) -> bool:
        """Whether it takes class numbers."""
        return isinstance(self, (SparseCategoricalAccuracy, SparseCategoricalCrossentropy))


@dataclass(frozen=True)
class Accuracy(Metric):
    """The accuracy that suits outputs and targets; see the module's text."""

    name: str = "accuracy"

    def suited(self, *, outputs: int, labels: bool) -> Metric:
        """Return it with the same name."""
        if outputs == 1:
            return BinaryAccuracy(self.name)
        return SparseCategoricalAccuracy(self.name) if labels else CategoricalAccuracy(self.name)


@dataclass(frozen=True)
class BinaryAccuracy(Metric):
    """The share of the outputs that are above 0.5 where the target is 1, and not where it is 0."""

    name: str = "binary_accuracy"


@dataclass(frozen=True)
class CategoricalAccuracy(Metric):
    """Whether the largest output is where the largest target is."""

    name: str = "categorical_accuracy"


@dataclass(frozen=True)
class SparseCategoricalAccuracy(Metric):
    """Whether the largest output is that of the class number."""

    name: str = "sparse_categorical_accuracy"


@dataclass(frozen=True)
class MeanSquaredError(Metric):
    """The mean over the outputs of (p - y)^2."""

    name: str = "mean_squared_error"


@dataclass(frozen=True)
class MeanAbsoluteError(Metric):
    """The mean over the outputs of abs(p - y)."""

    name: str = "mean_absolute_error"


@dataclass(frozen=True)
class BinaryCrossentropy(Metric):
    """The mean over the outputs of -y log p - (1 - y) log(1 - p)."""

    name: str = "binary_crossentropy"


@dataclass(frozen=True)
class CategoricalCrossentropy(Metric):
    """-sum_k y_k log(p_k / sum_j p_j)."""

    name: str = "categorical_crossentropy"


@dataclass(frozen=True)
class SparseCategoricalCrossentropy(Metric):
    """-log(p_y / sum_j p_j) for class numbers y."""

    name: str = "sparse_categorical_crossentropy"


_KERNELS: dict[type[Metric], str] = {
    BinaryAccuracy: "binary_accuracy",
    CategoricalAccuracy: "categorical_accuracy",
    SparseCategoricalAccuracy: "sparse_categorical_accuracy",
    MeanSquaredError: "mean_squared_error",
    MeanAbsoluteError: "mean_absolute_error",
    BinaryCrossentropy: "binary_crossentropy",
    CategoricalCrossentropy: "categorical_crossentropy",
    SparseCategoricalCrossentropy: "categorical_crossentropy",
}
_NAMED: dict[str, Metric] = {
    "accuracy": Accuracy(),
    "acc": Accuracy("acc"),
    **{made.name: made for made in (kind() for kind in _KERNELS)},  # type: ignore[call-arg]
    **{kind.__name__: kind() for kind in _KERNELS},  # type: ignore[call-arg]
    "mse": MeanSquaredError("mse"),
    "mae": MeanAbsoluteError("mae"),
    "bce": BinaryCrossentropy("bce"),
}


def get(identifier: Any) -> Metric:
    """Return the metric of a name, which it keeps, of a class, or one as it is.

    Raises
    ------
    InputError
        For anything else.
    """
    if isinstance(identifier, str):
        found = choose("metric", identifier, _NAMED)
        return found if identifier in (kind.__name__ for kind in _KERNELS) else replace(found, name=identifier)
    if isinstance(identifier, type) and issubclass(identifier, Metric) and identifier is not Metric:
        return identifier()  # type: ignore[call-arg]
    if isinstance(identifier, Metric):
        return identifier
    raise InputError(f"A metric is a name or an object of multilogit.networks.metrics. Got {identifier!r}.")
