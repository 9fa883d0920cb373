"""What the parametrised tests run over: every solver, every kind of source, every shape of problem."""

import numpy as np
from scipy import sparse

from multilogit._solvers.auto import METHODS

SOLVERS = METHODS

# From a float64 array to each representation of the same rows.
SOURCES = {
    "C order": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "CSR": sparse.csr_array,
    "CSC": sparse.csc_array,
}

# Arguments of `objective.problems.problem`, one entry per way in which problems differ.
PROBLEMS = {
    "binary": {"K": 2},
    "binary, no intercept": {"K": 2, "fit_intercept": False},
    "binary, weighted": {"K": 2, "weighted": True, "C": 10.0},
    "binary, soft targets": {"K": 2, "soft": True},
    "binary, offset": {"K": 2, "offset": True},
    "three classes": {"K": 3},
    "three classes, no intercept": {"K": 3, "fit_intercept": False, "weighted": True},
    "three classes, soft, weighted": {"K": 3, "soft": True, "weighted": True},
    "three classes, offset": {"K": 3, "offset": True, "weighted": True},
    "three classes, one out of play": {"K": 3, "mask": [[True, False, True]]},
    "five classes": {"K": 5, "C": 0.1},
    "five classes, all at once": {"K": 5, "soft": True, "weighted": True, "offset": True, "C": 3.0},
    "sparse": {"K": 3, "source": "CSR", "weighted": True},
    "sparse, binary, offset": {"K": 2, "source": "CSR", "offset": True},
    "unpenalised": {"K": 3, "C": np.inf, "weighted": True},
}
# Two problems stacked: their own C, weights and classes in play.
STACKED = {
    "binary pair": {"K": 2, "C": (0.5, 20.0), "weighted": True},
    "pair": {"K": 3, "C": (1.0, 0.01), "weighted": True, "offset": True},
    "pair, masked": {"K": 4, "C": (2.0, 1.0), "weighted": True, "mask": [[True] * 4, [True, False, True, True]]},
    "sparse pair": {"K": 3, "C": (1.0, 5.0), "source": "CSR", "soft": True},
}
