"""Optimizers: how weights follow from gradients.

An optimizer belongs to one model: it remembers what its rule keeps for that model's weights
from one `fit` to the next.
"""

import math
from typing import Any

import numpy as np

from multilogit._arrays import Floats
from multilogit._solvers import adam, rmsprop, sgd
from multilogit._solvers.mini_batches import Rule, Training
from multilogit._solvers.network_lbfgs import NetworkLBFGS
from multilogit.errors import InputError
from multilogit.networks._words import choose, note_once, refuse

__all__ = ["LBFGS", "SGD", "Adam", "Optimizer", "RMSprop", "Stepwise", "count", "get", "number"]

_REASON = "networks here are small and plain; take Keras or PyTorch for it."
_ELSEWHERE = dict.fromkeys(
    (
        *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum", "decay"),
        *("ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"),
    ),
    _REASON,
)
_RATE_NOTE = "lr= is an old name, which works; new code writes learning_rate=. This is said once."


class Optimizer:
    """What all optimizers have.

    Attributes
    ----------
    iterations : int
        Steps so far.
    """

    name = "optimizer"

    def __init__(self) -> None:
        self.iterations = 0
        self.slots: tuple[Floats, ...] = ()
        self.owner: object | None = None

    @property
    def numbers(self) -> int:
        """How many numbers it keeps beside the weights: its counter of steps, its learning rate and its arrays."""
        return 2

    def take(self, owner: object) -> None:
        """Belong to a model from now on.

        Raises
        ------
        InputError
            If it belongs to another one.
        """
        if self.owner is not None and self.owner is not owner:
            raise InputError(
                f"This {type(self).__name__} already belongs to another model, for whose weights it remembers what "
                f"it needs. Make a new one: {type(self).__name__}(...)."
            )
        self.owner = owner

    def remember(self, training: Training) -> None:
        """Take over what a training has come to."""
        self.iterations, self.slots = training.iterations, training.slots()

    def forget(self) -> None:
        """Begin again: no steps, nothing remembered."""
        self.iterations, self.slots = 0, ()


class Stepwise(Optimizer):
    """One step of a rule after each mini-batch."""

    def __init__(self, learning_rate: float, options: dict[str, Any], arguments: tuple[str, ...]) -> None:
        super().__init__()
        lr, self.name = options.pop("lr", None), options.pop("name", None) or self.name
        refuse(type(self).__name__, options, ("learning_rate", *arguments, "name"), _ELSEWHERE)
        if lr is not None:
            note_once("lr", _RATE_NOTE)
        self.learning_rate = learning_rate if lr is None else lr

    @property
    def learning_rate(self) -> float:
        """The learning rate, which may be set at any time."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = number("learning_rate", value, above=0.0)

    @property
    def lr(self) -> float:
        """The learning rate by its old name."""
        note_once("lr", _RATE_NOTE)
        return self.learning_rate

    @lr.setter
    def lr(self, value: float) -> None:
        note_once("lr", _RATE_NOTE)
        self.learning_rate = value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} learning_rate={self.learning_rate:g}, {self.iterations} steps>"

    @property
    def rule(self) -> Rule:
        """The rule of its steps."""
        raise NotImplementedError

    @property
    def numbers(self) -> int:
        """How many numbers it keeps beside the weights: its counter of steps, its learning rate and its arrays."""
        return 2 + self.rule.kept * (self.slots[0].size if self.slots else 0)


class SGD(Stepwise):
    """``w -= learning_rate g``, with momentum ``v = momentum v - learning_rate g, w += v``.

    Parameters
    ----------
    learning_rate : float
        ``lr=`` is an old name for it.
    momentum : float in [0, 1]
    nesterov : bool
        ``w += momentum v - learning_rate g`` in place of ``w += v``.
    name : str or None

    References
    ----------
    B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1-17; Y. Nesterov, Soviet Math. Dokl. 27 (1983) 372-376.

    Examples
    --------
    >>> from multilogit.networks import SGD
    >>> SGD().learning_rate, SGD(0.1, momentum=0.9).momentum
    (0.01, 0.9)
    """

    name = "SGD"

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False, **options: Any
    ) -> None:
        super().__init__(learning_rate, options, ("momentum", "nesterov"))
        self.momentum, self.nesterov = number("momentum", momentum, least=0.0, most=1.0), bool(nesterov)

    @property
    def rule(self) -> Rule:
        """The rule of its steps."""
        return sgd.SGD(self.momentum, self.nesterov)


class RMSprop(Stepwise):
    """``v = rho v + (1 - rho) g^2, w -= learning_rate g / sqrt(v + epsilon)``; Keras's default.

    Parameters
    ----------
    learning_rate : float
        ``lr=`` is an old name for it.
    rho : float in [0, 1)
    momentum : float in [0, 1]
    epsilon : float
        Within the root.
    centered : bool
        The variance of the gradient in place of its mean square.
    name : str or None

    References
    ----------
    T. Tieleman and G. Hinton, Neural Networks for Machine Learning, Coursera 2012, lecture 6.5.

    Examples
    --------
    >>> from multilogit.networks import RMSprop
    >>> RMSprop().learning_rate, RMSprop().rho
    (0.001, 0.9)
    """

    name = "rmsprop"

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, options, ("rho", "momentum", "epsilon", "centered"))
        self.rho, self.momentum = number("rho", rho, least=0.0, below=1.0), number("momentum", momentum, 0.0, most=1.0)
        self.epsilon, self.centered = number("epsilon", epsilon, above=0.0), bool(centered)

    @property
    def rule(self) -> Rule:
        """The rule of its steps."""
        return rmsprop.RMSprop(self.rho, self.momentum, self.epsilon, self.centered)


class Adam(Stepwise):
    """Means m of g and v of g^2, corrected for their start: ``w -= learning_rate m / (sqrt(v) + epsilon)``.

    Parameters
    ----------
    learning_rate : float
        ``lr=`` is an old name for it.
    beta_1, beta_2 : float in [0, 1)
    epsilon : float
        Beside the root: "epsilon hat" of the paper.
    amsgrad : bool
        The largest v so far in place of v.
    name : str or None

    References
    ----------
    D. P. Kingma and J. Ba, ICLR 2015; S. J. Reddi, S. Kale and S. Kumar, ICLR 2018 (amsgrad).

    Examples
    --------
    >>> from multilogit.networks import Adam
    >>> Adam().learning_rate, Adam(0.01, beta_2=0.99).beta_2
    (0.001, 0.99)
    """

    name = "adam"

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, options, ("beta_1", "beta_2", "epsilon", "amsgrad"))
        self.beta_1, self.beta_2 = (
            number(name, value, 0.0, below=1.0) for name, value in [("beta_1", beta_1), ("beta_2", beta_2)]
        )
        self.epsilon, self.amsgrad = number("epsilon", epsilon, above=0.0), bool(amsgrad)

    @property
    def rule(self) -> Rule:
        """The rule of its steps."""
        return adam.Adam(self.beta_1, self.beta_2, self.epsilon, self.amsgrad)


class LBFGS(Optimizer):
    """Limited-memory BFGS on all rows at once, in float64; each epoch is one step, with as many passes as it needs.

    It stops by itself where the gradient is small, and says how small. For networks of up to some thousands of weights
    it needs a small part of the passes that mini-batches need.

    Parameters
    ----------
    tolerance : float
        It stops where the largest entry of the gradient of the mean loss is below.
    memory : int
        Pairs of steps and changes of the gradient that it keeps.

    Attributes
    ----------
    gradient_norm : float or None
        Largest entry, in absolute value, of the gradient of the mean loss at the model's weights; None before a fit.
    converged : bool
        Whether that is below ``tolerance``.
    iterations : int
        Steps so far.

    References
    ----------
    D. C. Liu and J. Nocedal, Math. Program. 45 (1989) 503-528.

    Examples
    --------
    >>> from multilogit.networks import LBFGS
    >>> LBFGS().memory
    10
    """

    name = "lbfgs"

    def __init__(self, tolerance: float = 1e-5, memory: int = 10, **options: Any) -> None:
        super().__init__()
        reasons = dict.fromkeys(("learning_rate", "lr"), "a line search finds the length of its steps.")
        refuse("LBFGS", options, ("tolerance", "memory"), {**_ELSEWHERE, **reasons})
        self.tolerance = number("tolerance", tolerance, above=0.0)
        self.memory = count("memory", memory)
        self.gradient_norm: float | None = None
        self.converged = False

    def remember(self, training: Training) -> None:
        """Take over what a training has come to, and how small its gradient is."""
        super().remember(training)
        if isinstance(training, NetworkLBFGS):
            self.gradient_norm = training.gradient_norm
            self.converged = self.gradient_norm <= self.tolerance


def number(
    name: str,
    value: Any,
    least: float = -math.inf,
    *,
    above: float = -math.inf,
    most: float = math.inf,
    below: float = math.inf,
) -> float:
    """Return a number within its bounds."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        found = float(value)
        if math.isfinite(found) and least <= found <= most and above < found < below:
            return found
    bounds = [
        *([f"{least:g} or more"] if math.isfinite(least) else []),
        *([f"above {above:g}"] if math.isfinite(above) else []),
        *([f"at most {most:g}"] if math.isfinite(most) else []),
        *([f"below {below:g}"] if math.isfinite(below) else []),
    ]
    raise InputError(f"{name} must be a number, {', '.join(bounds) or 'finite'}. Got {value!r}.")


def count(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number of at least so much."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name} must be a whole number, {least} or more. Got {value!r}.")
    return int(value)


_NAMED: dict[str, type[Optimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam, "lbfgs": LBFGS}


def get(identifier: Any) -> Optimizer:
    """Return a new optimizer of a name, or one as it is.

    Raises
    ------
    InputError
        For anything else.
    """
    if isinstance(identifier, str):
        return choose("optimizer", identifier, _NAMED)()
    if isinstance(identifier, Optimizer):
        return identifier
    raise InputError(f"An optimizer is one of {', '.join(map(repr, _NAMED))} or an object. Got {identifier!r}.")
