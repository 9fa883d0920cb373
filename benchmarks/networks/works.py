"""What is trained: three networks of one hidden layer, their data, and the loss by which every result is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

__all__ = ["WORKS", "Task", "Work", "find"]

# Columns X (N, D) and targets: labels (N,), or values (N, K).
Made = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Work:
    """A network, how it is trained, and on what; the loss and the optimiser have Keras's names.

    ``sampled`` holds who is too slow for all epochs, and how many are measured instead; ``excluded`` who cannot do it,
    and why.
    """

    name: str
    about: str
    make: Callable[[int], Made]
    rows: int
    hidden: int
    activation: str
    loss: str
    optimiser: str
    learning_rate: float
    batch: int
    epochs: int
    dtypes: tuple[str, ...]
    sampled: Mapping[str, int] = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """What the records call it: a problem of another family is named digits, too."""
        return f"networks {self.name}"

    @property
    def classifies(self) -> bool:
        """Whether the targets are labels, the output a softmax and the loss the cross-entropy."""
        return self.loss == "sparse_categorical_crossentropy"

    @property
    def output(self) -> str:
        """The activation of the last layer."""
        return "softmax" if self.classifies else "sigmoid"

    @property
    def shuffled(self) -> bool:
        """Whether rows are shuffled; where a batch holds all of them, their order changes nothing, for anybody."""
        return self.batch < self.rows

    @property
    def batches(self) -> int:
        """Steps of an epoch; the last one takes the rows that are left."""
        return -(-self.rows // self.batch)

    def task(self, dtype: str, rival: str) -> "Task":
        """Return what a rival is given."""
        X, Y = self.make(self.rows)
        Y = Y if self.classifies else Y.astype(dtype)
        return Task(self, X.astype(dtype, copy=False), Y, self.sampled.get(rival, self.epochs))

    def quick(self) -> "Work":
        """Return a small version."""
        sampled = {name: max(1, epochs // 50) for name, epochs in self.sampled.items()}
        return replace(self, rows=min(self.rows, 3_000), epochs=max(1, self.epochs // 50), sampled=sampled)


@dataclass(frozen=True)
class Task:
    """A work with its data, and how many of its epochs are measured."""

    work: Work
    X: np.ndarray
    Y: np.ndarray
    epochs: int

    @property
    def dtype(self) -> str:
        """The type of rows and weights."""
        return self.X.dtype.name

    @property
    def steps(self) -> int:
        """Steps of the measured epochs."""
        return self.epochs * self.work.batches

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Units of the input, of the hidden layer and of the output."""
        outputs = int(self.Y.max()) + 1 if self.work.classifies else self.Y.shape[1]
        return self.X.shape[1], self.work.hidden, outputs

    def loss(self, predictions: np.ndarray) -> float:
        """Return the mean loss of what a network predicts (N, K), in float64: probabilities, or values."""
        P = predictions.astype(np.float64)
        if self.work.classifies:
            # A probability that has underflowed counts as the smallest number of its type.
            P = np.maximum(P, np.finfo(predictions.dtype).tiny)
            return float(-np.log(P[np.arange(len(P)), self.Y]).mean())
        return float(np.square(P - self.Y).mean())


def _xor(rows: int) -> Made:
    """Return the four rows of the exclusive or."""
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)[:rows]
    return X, np.array([[0], [1], [1], [0]], dtype=np.float32)[:rows]


def _digits(rows: int) -> Made:
    """Return scikit-learn's digits, each pixel between 0 and 1."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X[:rows] / 16.0, y[:rows].astype(np.int64)


def _mnist_sized(rows: int, D: int = 784, K: int = 10) -> Made:
    """Return normal pixels with MNIST's mean and deviation, cut off at 0 and 1; labels by a planted linear rule."""
    rng = np.random.default_rng(0)
    X = np.clip(0.1307 + 0.3081 * rng.standard_normal((rows, D), dtype=np.float32), 0.0, 1.0).astype(np.float32)
    scores = (X - X.mean()) @ rng.standard_normal((D, K), dtype=np.float32)
    return X, np.argmax(scores, axis=1)


WORKS = (
    Work(
        "xor",
        "the exclusive or",
        _xor,
        rows=4,
        hidden=2,
        activation="sigmoid",
        loss="mean_squared_error",
        optimiser="SGD",
        learning_rate=0.01,
        batch=4,
        epochs=100_000,
        dtypes=("float32",),
        # All epochs would take them too long, and each costs the same.
        sampled={"keras": 300, "torch": 2_000},
        excluded={
            "sklearn-mlp": "MLPClassifier has the log loss alone, and the output of MLPRegressor is linear: "
            "no squared error of a sigmoid."
        },
    ),
    Work(
        "digits",
        "`digits` of scikit-learn, divided by 16",
        _digits,
        rows=1_797,
        hidden=64,
        activation="relu",
        loss="sparse_categorical_crossentropy",
        optimiser="Adam",
        learning_rate=0.001,
        batch=200,
        epochs=50,
        dtypes=("float64", "float32"),
    ),
    Work(
        "mnist_sized",
        "random pixels with MNIST's size, mean and deviation, cut off at 0 and 1, a planted linear rule, seed 0",
        _mnist_sized,
        rows=60_000,
        hidden=128,
        activation="relu",
        loss="sparse_categorical_crossentropy",
        optimiser="Adam",
        learning_rate=0.001,
        batch=128,
        epochs=1,
        dtypes=("float32",),
    ),
)


def find(name: str, *, quick: bool) -> Work:
    """Return the work of that name, or its small version."""
    work = next(work for work in WORKS if work.name == name)
    return work.quick() if quick else work
