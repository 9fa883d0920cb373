"""A network of layers one after the other: the face that Keras's users know."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from multilogit._arrays import Float64, Floats
from multilogit._objective.network_native import gradient, means, outputs
from multilogit._threads import resolve_threads
from multilogit.errors import DivergenceError, InputError
from multilogit.functional import GradientCheck, gradient_check
from multilogit.networks import _data, _saving, _summary, optimizers
from multilogit.networks._ending import Measures, resolve_loss
from multilogit.networks._model import Model
from multilogit.networks._progress import finished_line, stopwatch
from multilogit.networks._start import FitOptions, begin_fit
from multilogit.networks._words import choose, refuse
from multilogit.networks.callbacks import Callback, History
from multilogit.networks.layers import Input, Layer

__all__ = ["Sequential"]

_COMPILE = {
    **dict.fromkeys(
        ("run_eagerly", "jit_compile", "steps_per_execution"), "epochs always run in the compiled kernels."
    ),
    "loss_weights": "there is one loss; weigh rows with sample_weight or class_weight in fit.",
    "auto_scale_loss": "losses are not scaled.",
}
_ARRAYS = dict.fromkeys(
    ("steps_per_epoch", "validation_steps", "steps"),
    "rows are arrays in memory, and an epoch is all of them.",
)
_FIT = (
    *("x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split", "validation_data", "shuffle"),
    *("class_weight", "sample_weight", "initial_epoch", "validation_batch_size", "validation_freq"),
)
_NO_CALLBACKS = {**_ARRAYS, "callbacks": "callbacks belong to fit."}


class Sequential(Model):
    """Layers one after the other, trained by their derivatives: ``a_j = f_j(a_(j-1))``, from rows ``a_0 = x``.

    Parameters
    ----------
    layers : sequence of Layer and Input, or None
        What `add` would be given one by one. The width of the rows comes from an `Input` at the beginning, or from the
        first data.
    name : str or None
    dtype : {"float32", "float64"}
        Type of the weights and of all that is computed from them.

    Attributes
    ----------
    layers : list of Layer
    optimizer : Optimizer or None
        With its ``learning_rate``, which may be set at any time.
    history : History or None
        That of the last fit.
    stop_training : bool
        Set by a callback, ends the fit after the epoch.

    Examples
    --------
    >>> import numpy as np
    >>> from multilogit import networks
    >>> networks.set_random_seed(3)
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> y = np.array([[0], [1], [1], [0]])
    >>> model = networks.Sequential([
    ...     networks.Input((2,)),
    ...     networks.Dense(4, activation="tanh"),
    ...     networks.Dense(1, activation="sigmoid"),
    ... ])
    >>> model.compile(optimizer=networks.LBFGS(), loss="binary_crossentropy")
    >>> history = model.fit(x, y, epochs=100)
    >>> print(model.predict(x).round())
    [[0.]
     [1.]
     [1.]
     [0.]]
    """

    def __init__(
        self, layers: Iterable[Layer | Input] | None = None, name: str | None = None, dtype: str = "float32"
    ) -> None:
        super().__init__(layers, name, dtype)

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        **unknown: Any,
    ) -> None:
        """Say how the network is trained and what is measured meanwhile.

        Parameters
        ----------
        optimizer : str or Optimizer
            "rmsprop", "sgd", "adam", "lbfgs", or an object of `networks.optimizers` with options.
        loss : str, function or Loss
            "mean_squared_error", "binary_crossentropy", "categorical_crossentropy",
            "sparse_categorical_crossentropy", or of `networks.losses`.
        metrics, weighted_metrics : list of str or Metric
            "accuracy" and the names of `networks.metrics`; the latter weigh rows by sample_weight and class_weight.

        Raises
        ------
        InputError
            If a name is unknown, or the loss does not suit the last activation.
        """
        refuse("compile", unknown, ("optimizer", "loss", "metrics", "weighted_metrics"), _COMPILE)
        self.settle(optimizers.get(optimizer), resolve_loss(loss), Measures.of(metrics, weighted_metrics))

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Iterable[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **unknown: Any,
    ) -> History:
        """Train the network; weights and optimizer go on from where they are.

        Each step makes ``sum_i w_i loss_i / n`` over the n rows of a batch smaller. The order of the rows is drawn anew
        for each epoch; where one batch holds them all, it plays no part.

        Parameters
        ----------
        x : array-like of shape (N, D)
        y : array-like of shape (N, K), for one output (N,), for class numbers (N,) or (N, 1)
        batch_size : int or None
            Rows of a batch; None: 32, with `LBFGS` all.
        epochs : int
            Number of the epoch to end with; so many epochs, where ``initial_epoch`` is 0.
        verbose : {"auto", 0, 1, 2}
            "auto": a bar on a terminal, once half a second has passed. 1: that, and a line at the end. 2: a line for
            each epoch. 0: nothing.
        callbacks : Callback or list of them
        validation_split : float
            The last rows, this share of all, are validated on and not trained on.
        validation_data : (x, y) or (x, y, sample_weight)
        shuffle : bool
        class_weight : dict of class number to weight
        sample_weight : array-like of shape (N,)
        initial_epoch : int
        validation_batch_size : int or None
            Has no influence on the result.
        validation_freq : int or list of int
            After every so many epochs, or after those, counted from 1.

        Returns
        -------
        History

        Raises
        ------
        InputError
            If the arguments do not suit each other or the network: with the layer, or with row and value.
        DivergenceError
            If the loss stops being finite. The weights are then those from before the fit.

        Notes
        -----
        Ctrl-C is answered within a fifth of a second. The model then has the weights after its last whole batch, and
        `history` the epochs that were finished.
        """
        refuse("fit", unknown, _FIT, _ARRAYS)
        optimizer, loss = self.compiled("fit")
        _batch(validation_batch_size)
        options = FitOptions(
            batch_size,
            epochs,
            verbose,
            callbacks,
            validation_split,
            validation_data,
            shuffle,
            class_weight,
            sample_weight,
            initial_epoch,
            validation_freq,
        )
        fit = begin_fit(self, optimizer, loss, x, y, options)
        self.history = fit.history
        try:
            fit.run()
        except DivergenceError:
            raise  # weights and optimizer are as before
        except BaseException:
            optimizer.remember(fit.training)
            raise
        optimizer.remember(fit.training)
        return fit.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        return_dict: bool = False,
        **unknown: Any,
    ) -> float | list[float] | dict[str, float]:
        """Return the loss on rows, and the metrics.

        Parameters
        ----------
        x, y, sample_weight
            As for `fit`.
        batch_size : int or None
            Has no influence on the result.
        verbose : {"auto", 0, 1, 2}
            1 or 2: say it in a line, too.
        return_dict : bool

        Returns
        -------
        float, list of float, or dict
            The loss; with metrics a list of it and them; with ``return_dict`` by their names.
        """
        refuse("evaluate", unknown, ("x", "y", "batch_size", "verbose", "sample_weight", "return_dict"), _NO_CALLBACKS)
        _, loss = self.compiled("evaluate")
        size = _batch(batch_size)
        _check_verbose(verbose)
        with stopwatch() as seconds:
            examples = self.examples(x, y, sample_weight, loss)
            measures, theta = self.resolved(examples), self.drawn(examples.X)
            found = means(self.network(loss), theta, examples, measures, resolve_threads())
            self.check_finite(np.array(found[:1]), examples.X, "The loss")
        named = dict(sorted(zip(["loss", *self.measures.names], found, strict=True)))
        if verbose in (1, 2):
            print(finished_line(-(-len(examples) // size), seconds(), named))  # noqa: T201
        return named if return_dict else found if len(found) > 1 else found[0]

    def predict(self, x: Any, batch_size: int | None = None, verbose: int | str = "auto", **unknown: Any) -> Floats:
        """Return the outputs of rows.

        Parameters
        ----------
        x : array-like of shape (N, D)
        batch_size : int or None
            Has no influence on the result, not on a bit of it.
        verbose : {"auto", 0, 1, 2}
            1 or 2: end with a line.

        Returns
        -------
        ndarray of shape (N, K)
            Of the model's type.
        """
        refuse("predict", unknown, ("x", "batch_size", "verbose"), _NO_CALLBACKS)
        size = _batch(batch_size)
        _check_verbose(verbose)
        with stopwatch() as seconds:
            X = self.rows("x", x)
            network, theta = self.network(self.loss, X.shape[1]), self.drawn(X)
            found = outputs(network, theta, X, resolve_threads())
            self.check_finite(found, X, "A prediction")
        if verbose in (1, 2):
            print(finished_line(-(-len(X) // size), seconds(), {}))  # noqa: T201
        return found

    def __call__(self, x: Any) -> Floats:
        """Return the outputs of rows, as `predict` does."""
        return self.predict(x, verbose=0)

    def gradient(self, x: Any, y: Any, sample_weight: Any = None) -> dict[str, list[Float64]]:
        """Return the derivative of the loss ``sum_i w_i loss_i / N`` by every weight, layer by layer, in float64.

        Parameters
        ----------
        x, y, sample_weight
            As for `fit`.

        Returns
        -------
        dict of str to list of ndarray
            By the name of each layer with weights, as `Layer.get_weights` lists them: X'R / N for the kernel of a layer
            whose rows are X and whose residuals are R, and the column sums of R / N for its bias.
        """
        loss = self.needed_loss("gradient")
        examples = self.examples(x, y, sample_weight, loss, dtype="float64")
        theta = self.drawn(examples.X).astype(np.float64)
        network = self.network(loss)
        G = gradient(network, theta, examples, resolve_threads())[1] / len(examples)
        return self.by_layer(network, G)

    def jacobian(self, x: Any) -> Float64:
        """Return dP_k / dx_d, how each output changes with each number of a row, in float64.

        Parameters
        ----------
        x : array-like of shape (N, D) or (D,)

        Returns
        -------
        ndarray of shape (N, K, D) or (K, D)
        """
        given = _data.numbers_of("x", x, "float64")
        one = given.ndim == 1
        X = self.rows("x", given[None] if one else given, dtype="float64")
        theta = self.drawn(X).astype(np.float64)
        found = self.network(self.loss).jacobian(theta, X)
        return np.asarray(found[0] if one else found, dtype=np.float64)

    def gradient_check(self, x: Any, y: Any, sample_weight: Any = None) -> GradientCheck:
        """Compare `gradient` with central differences of the loss, in float64, at the present weights.

        Parameters
        ----------
        x, y, sample_weight
            As for `fit`.

        Returns
        -------
        GradientCheck
        """
        loss = self.needed_loss("gradient_check")
        examples = self.examples(x, y, sample_weight, loss, dtype="float64")
        theta = self.drawn(examples.X).astype(np.float64)
        network = self.network(loss)
        value, G = gradient(network, theta, examples, 1)
        del value
        return gradient_check(lambda point: gradient(network, point, examples, 1)[0], theta, G)

    def summary(
        self,
        line_length: int | None = None,
        print_fn: Callable[[str], None] | None = None,
        style: str = "keras",
        **unknown: Any,
    ) -> None:
        """Print the layers, what comes out of them, and the number of their weights.

        Parameters
        ----------
        line_length : int or None
            Characters of a line; None: as wide as the terminal, at most 88.
        print_fn : callable or None
            Takes the text in place of `print`.
        style : {"keras", "article"}
            As Keras 3 prints it, or as Keras did in its first years, with layers numbered from 1.
        """
        reasons = dict.fromkeys(("positions", "expand_nested", "show_trainable", "layer_range"), "layers are few here.")
        refuse("summary", unknown, ("line_length", "print_fn", "style"), reasons)
        chosen = choose("style", style, {"keras": "keras", "article": "article"})
        lines, itemsize, extra = self.lines(), np.dtype(self.dtype).itemsize, None
        if self.optimizer is not None and self.optimizer.iterations:
            extra = self.optimizer.numbers
        if chosen == "article":
            text = _summary.article(lines)
        else:
            text = _summary.keras(self.name, lines, extra, itemsize, line_length)
        (print_fn or print)(text)

    def save(self, filepath: str | Path) -> None:
        """Write layers and weights to a file that holds data only; `networks.load_model` reads it.

        What the model was compiled with is not part of it: compile it anew to train on.

        Parameters
        ----------
        filepath : str or Path
            Any name but those of Keras's own formats (.keras, .h5, .hdf5).

        Raises
        ------
        InputError
            If the name is one of those, or the model is not built.
        OSError
            If the file cannot be written; then nothing of it is.
        """
        _saving.save(self, Path(filepath))


def _batch(batch_size: int | None) -> int:
    """Return Keras's size of a batch, which counts in what is printed alone."""
    return optimizers.count("batch_size", 32 if batch_size is None else batch_size)


def _check_verbose(verbose: int | str) -> None:
    if verbose not in ("auto", 0, 1, 2):
        raise InputError(f"verbose must be 'auto', 0, 1 or 2. Got {verbose!r}.")
