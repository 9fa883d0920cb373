"""Constructor parameters, checked before any work: what is accepted, what is refused and why."""

import math
import numbers
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from multilogit._arrays import Float64
from multilogit.errors import InputError

__all__ = ["FLOAT32_TOL", "LARGEST", "PARAMETERS", "SMALLEST", "SOLVERS", "Settings", "check_Cs", "check_parameters"]

# Of C and of positive weights: with values of X within 1e-100 and 1e100 no product over- or underflows.
SMALLEST, LARGEST = 1e-50, 1e50

_DEFAULT_TOL = 1e-9
FLOAT32_TOL = 1e-6  # the gap that coefficients rounded to float32 can keep
# What `check_parameters` looks at; n_jobs and class_weight are checked where they are used.
PARAMETERS = (
    *("penalty", "C", "l1_ratio", "dual", "tol", "fit_intercept", "intercept_scaling"),
    *("random_state", "solver", "max_iter", "verbose", "warm_start"),
)

# Scikit-learn's names. Those of methods that multilogit does not have run its automatic choice.
SOLVERS = ("auto", "lbfgs", "newton-cg", "newton-cholesky", "sag", "saga")


@dataclass(frozen=True)
class Settings:
    """Checked parameters; ``C`` is inf without a penalty, ``digits`` whether the last digits are wanted."""

    C: float
    tol: float
    max_iter: int
    solver: str
    digits: bool


def check_parameters(params: dict[str, Any]) -> Settings:
    """Return the settings, or raise an `InputError` that names the parameter, its value and what to do."""
    C = _penalised_C(params["penalty"], _strength("C", params["C"]))
    _check_switches(params)
    l1_ratio = params["l1_ratio"]
    if not isinstance(l1_ratio, numbers.Real) or not 0 <= float(l1_ratio) <= 1:
        raise InputError(f"l1_ratio must be a number between 0 and 1. Got {l1_ratio!r}.")
    if float(l1_ratio) > 0:
        raise InputError(
            f"l1_ratio must be 0: L1 and elastic-net penalties are not available yet. Got {l1_ratio!r}. "
            "Use l1_ratio=0 for the L2 penalty."
        )
    _only_default("dual", params["dual"], False, "only the primal problem is solved")
    _only_default("intercept_scaling", params["intercept_scaling"], 1, "the intercept is never penalised")
    max_iter = params["max_iter"]
    if isinstance(max_iter, bool) or not isinstance(max_iter, numbers.Integral) or max_iter < 0:
        raise InputError(f"max_iter must be an integer that is 0 or more. Got {max_iter!r}.")
    tol = _number("tol", params["tol"])
    return Settings(C, tol, int(max_iter), _solver(params["solver"]), digits=tol <= _DEFAULT_TOL)


def check_Cs(Cs: object) -> Float64:
    """Return the values of C (M,), of a sequence in its order, of an integer that many from 1e-4 to 1e4."""
    if isinstance(Cs, numbers.Integral) and not isinstance(Cs, bool):
        if int(Cs) < 1:
            raise InputError(f"Cs must be 1 or more values. Got Cs={Cs!r}.")
        return np.logspace(-4.0, 4.0, int(Cs))
    values = np.asarray(Cs)
    if values.ndim != 1 or len(values) == 0 or values.dtype.kind not in "iuf":
        raise InputError(
            f"Cs must be an integer or a sequence of one or more numbers. Got {Cs!r}. "
            "For one value of C pass a sequence of one."
        )
    return np.array([_strength(f"Cs[{i}]", float(value)) for i, value in enumerate(values)])


def _strength(name: str, value: object) -> float:
    """Return a value of C."""
    C = _number(name, value, positive=True, infinite=True)
    if not (SMALLEST <= C <= LARGEST or math.isinf(C)):
        raise InputError(f"{name} must lie between {SMALLEST:g} and {LARGEST:g}, or be inf for no penalty. Got {C:g}.")
    return C


def _check_switches(params: dict[str, Any]) -> None:
    for name in ("fit_intercept", "warm_start"):
        if not isinstance(params[name], (bool, np.bool_)):
            raise InputError(f"{name} must be True or False. Got {params[name]!r}.")
    if not isinstance(params["verbose"], numbers.Integral) or int(params["verbose"]) < 0:
        raise InputError(f"verbose must be an integer that is 0 or more. Got {params['verbose']!r}.")
    try:
        check_random_state(params["random_state"])
    except ValueError as error:
        raise InputError(
            f"random_state must be None, an integer or a RandomState. Got {params['random_state']!r}."
        ) from error


def _number(name: str, value: object, *, positive: bool = False, infinite: bool = False) -> float:
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    number = float(value) if real else math.nan  # type: ignore[arg-type]
    if not (number > 0 if positive else number >= 0) or (math.isinf(number) and not infinite):
        wanted = ("above 0" if positive else "that is 0 or more") + (", or inf" if infinite else "")
        raise InputError(f"{name} must be a number {wanted}. Got {value!r}.")
    return number


def _only_default(name: str, value: object, default: object, reason: str) -> None:
    if isinstance(value, str) or value != default:
        raise InputError(f"{name} must be left at {default!r}: {reason}. Got {value!r}.")


def _solver(name: object) -> str:
    if name == "liblinear":
        raise InputError(
            "solver='liblinear' penalises the intercept, which is another model. Use solver='auto' and the same C."
        )
    if name not in SOLVERS:
        raise InputError(f"solver must be one of {', '.join(map(repr, SOLVERS))}. Got {name!r}.")
    return str(name)


def _penalised_C(penalty: object, C: float) -> float:
    """Return C as scikit-learn's deprecated ``penalty`` changes it."""
    if isinstance(penalty, str) and penalty == "deprecated":
        return C
    warnings.warn(
        "penalty is deprecated, as in scikit-learn 1.8. Leave it out: the penalty is L2, and C=inf means none.",
        FutureWarning,
        stacklevel=4,
    )
    if penalty is None:
        return math.inf
    if penalty == "l2":
        return C
    raise InputError(f"penalty must be 'l2' or None: L1 and elastic net are not available yet. Got {penalty!r}.")
