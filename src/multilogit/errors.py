"""Everything that can go wrong, in words.

::

    Exception
    ├── ValueError
    │   ├── InputError            data or arguments that cannot be fitted or predicted
    │   └── ModelFileError        a model file that is damaged, foreign or of an unknown version
    └── UserWarning
        ├── ReferenceKernelWarning  the compiled kernels are missing, the NumPy ones run
        └── SeparationWarning       a class is separated: no finite optimum exists

``multilogit.estimators.ConvergenceWarning`` subclasses scikit-learn's and therefore lives above this floor:
importing it here would load SciPy with ``import multilogit``.

`Status` says how a fit ended; the value of each member is the sentence that users read.
"""

from enum import Enum

__all__ = [
    "DivergenceError",
    "InputError",
    "ModelFileError",
    "ReferenceKernelWarning",
    "SeparationWarning",
    "Status",
]


class InputError(ValueError):
    """Data or arguments that cannot be used; says what was expected, what came and what to do."""


class ModelFileError(ValueError):
    """A model file that is damaged, truncated, foreign or of an unknown version."""


class DivergenceError(ArithmeticError):
    """Training whose loss is not finite any more; says where, and which layer's numbers overflowed first."""


class ReferenceKernelWarning(UserWarning):
    """The compiled kernels could not be loaded; results are the same, slower."""


class SeparationWarning(UserWarning):
    """Some classes are separated by a hyperplane: the unpenalised optimum is at infinity."""


class Status(Enum):
    """How a fit ended."""

    CONVERGED = "converged: the distance to the optimum is proved to be within the tolerance"
    SEPARATED = "separated: a hyperplane separates classes, so no finite optimum exists; use a finite C"
    MAX_ITER = "stopped: the fit ended before the tolerance was proved; raise max_iter"
    STALLED = "stalled: rounding allows no further progress and the tolerance is not proved; raise tol"
    UNDECIDED = "undecided: neither a finite optimum nor a separation could be proved; use a finite C"
