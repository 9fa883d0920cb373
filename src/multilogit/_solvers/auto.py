"""Chooses the solver and what surrounds it, by rules measured in docs/decisions/solvers.md."""

from multilogit._objective.exact_gradient import TENTH_OF_A_SECOND
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._solvers.base import Solver
from multilogit._solvers.lbfgs import LBFGS
from multilogit._solvers.metric import WIDEST_GRAM
from multilogit._solvers.newton import Newton
from multilogit._solvers.newton_cg import NewtonCG

__all__ = [
    "METHODS",
    "choose",
    "factor_affordable",
    "polish_affordable",
    "rank_affordable",
    "row_space_pays",
    "stack_width",
]

# The methods by scikit-learn's names; its other names run the automatic choice.
METHODS: dict[str, Solver] = {solver.name: solver for solver in (Newton(), LBFGS(), NewtonCG())}

# Operations of a Hessian and its factor, up to which six of them cost less than 25 gradients and what surrounds these;
# to which five gradients are added where a problem does not share its sweeps with others.
_NEWTON_WORK = 4e7
_STACKED_NEWTON_WORK = 1.5e7
_NEWTON_GRADIENTS = 5
_FACTOR_SIZE = 2_000  # F D': a Hessian of 32 MB
_UNPENALISED_SIZE = 4_000
_FACTOR_WORK = 1e10
_UNPENALISED_WORK = 1e11  # without a penalty the Hessian is the proof, not only the speed
_POLISH_WORK = TENTH_OF_A_SECOND  # N K (D' + 40), of one double-double gradient
_POLISH_WIDTH = 1_000  # D: the Gram metric of the conjugate gradients is D x D
_RANK_WORK = 2e8  # N D^2: some ten milliseconds, where nothing but the report depends on it
_WIDEST_RANK = 5_000
_COLUMNS = 32
_STACK_BYTES = 1 << 29
_ROW_SPACE = 5_000  # N: the orthonormal basis is N D numbers


def _hessian_size(objective: SoftmaxRegression) -> int:
    return int(objective.layout.n_rows * objective.layout.contrasts[0].shape[1])


def factor_affordable(objective: SoftmaxRegression) -> bool:
    """Return whether the Hessian may be formed once, for the polish or a proof."""
    size = _hessian_size(objective)
    if objective.penalty.unpenalised:
        return size <= _UNPENALISED_SIZE and objective.source.n_rows * size**2 <= _UNPENALISED_WORK
    return size <= _FACTOR_SIZE and objective.source.n_rows * size**2 <= _FACTOR_WORK


def polish_affordable(objective: SoftmaxRegression) -> bool:
    """Return whether double-double gradients of every problem are within reach, and a Hessian or Gram to invert."""
    layout = objective.layout
    if not factor_affordable(objective) and layout.n_features > _POLISH_WIDTH:
        return False
    work = objective.source.n_rows * layout.n_classes * (layout.n_rows + 40)
    return layout.n_problems * work <= _POLISH_WORK


def rank_affordable(objective: SoftmaxRegression) -> bool:
    """Return whether the rank is determined: where the answer depends on it, or it costs little."""
    source = objective.source
    needed = objective.penalty.unpenalised and source.n_features <= _WIDEST_RANK
    return needed or source.n_rows * source.n_features**2 <= _RANK_WORK


def row_space_pays(objective: SoftmaxRegression) -> bool:
    """Return whether to solve in the row space: dense, more columns than rows, one L2 strength for all."""
    source, strength = objective.source, objective.penalty.strength
    wide = source.n_features > source.n_rows and source.n_rows <= _ROW_SPACE and not source.sparse
    return wide and bool((strength == strength[:1]).all()) and not objective.penalty.unpenalised


def stack_width(objective: SoftmaxRegression) -> int:
    """Return how many of the stacked problems may be under way at once, for half a gigabyte of solvers' memory."""
    layout = objective.layout
    single = objective.problem(0)
    numbers = 26 * layout.n_rows * layout.free_rows
    if choose(single, "stacked").name == "newton-cholesky" or factor_affordable(single):
        numbers += 4 * (layout.n_rows * layout.free_rows) ** 2  # the Hessian, in the making, and its factor
    else:
        numbers += layout.n_rows**2 if layout.n_features <= WIDEST_GRAM else 0
    return max(_STACK_BYTES // (8 * numbers), 1)


def chains(objective: SoftmaxRegression, n_folds: int) -> int:
    """Return into how many runs of neighbouring values of C each fold's problems are split.

    Within a run each fit starts where those before it point; the runs of all folds share their sweeps. A sweep is as
    good as it gets with some 32 columns of parameters.
    """
    layout = objective.layout
    columns = n_folds * layout.free_rows
    return min(-(-_COLUMNS // columns), layout.n_problems // n_folds)


def choose(objective: SoftmaxRegression, requested: str) -> Solver:
    """Return the solver that ``requested`` names, or for any other name the one that the problem asks for.

    Among stacked problems gradients share their sweeps and Hessians do not: "stacked" asks for Newton less often.
    """
    if requested in METHODS:
        return METHODS[requested]
    if objective.penalty.unpenalised and factor_affordable(objective):
        return METHODS["newton-cholesky"]
    return METHODS["newton-cholesky" if _newton_pays(objective, stacked=requested == "stacked") else "lbfgs"]


def _newton_pays(objective: SoftmaxRegression, *, stacked: bool) -> bool:
    """Return whether few steps of ``pairs N D'^2 + (K' D')^3`` operations are cheaper than many of ``4 N D' K'``."""
    layout, N = objective.layout, objective.source.n_rows
    D, K, pairs = layout.n_rows, layout.free_rows, layout.n_classes * (layout.n_classes - 1) // 2
    hessian = pairs * N * D**2 + (K * D) ** 3
    if stacked:
        return hessian <= _STACKED_NEWTON_WORK
    return hessian <= _NEWTON_WORK + _NEWTON_GRADIENTS * 4 * N * D * K
