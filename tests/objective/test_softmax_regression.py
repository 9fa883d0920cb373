"""Value and derivatives against the definition in plain NumPy, finite differences, and each other."""

from dataclasses import replace

import numpy as np
import pytest
from objective.brute import Brute
from objective.problems import objective_of, one_of, parameters, problem
from tables import PROBLEMS, SOURCES, STACKED

from multilogit._objective.softmax_regression import mean_curvature
from multilogit._objective.sums import Want

EVERYTHING = ~Want.VALUE
TABLE = PROBLEMS | STACKED


def close(ours, truth, rtol=1e-12):
    """Compare entries with the size of the largest."""
    np.testing.assert_allclose(ours, truth, rtol=0, atol=rtol * (np.abs(truth).max(initial=0.0) + 1e-300))


@pytest.fixture(params=TABLE.values(), ids=list(TABLE))
def objective(request):
    return problem(**request.param)


def test_everything_equals_the_definition(objective):
    theta = parameters(objective)
    sums = objective.evaluate(theta, EVERYTHING)
    assert objective.source.n_blocks == 5
    for r in range(objective.layout.n_problems):
        brute, T = Brute.of(one_of(objective, r)), theta[:, r]
        P = np.exp(brute.log_probability(T))
        curvature = brute.c * brute.Y.sum(axis=1)
        close(sums.value[r], brute.value(T))
        close(sums.gradient[:, r], brute.gradient(T))
        close(sums.hessian[r], brute.hessian(T), 1e-11)
        close(sums.probability[r], curvature @ P)
        log_P = np.where(brute.present, brute.log_probability(T), 0.0)
        close(sums.log_probability[r], curvature @ log_P)
        laplacians = [c * (np.diag(p) - np.outer(p, p)) for c, p in zip(curvature, P, strict=True)]
        close(sums.class_curvature[r], np.sum(laplacians, axis=0))
        spread = 1.0 - (P**2).sum(axis=1)
        s = curvature * spread / (2 if P.shape[1] == 2 else P.shape[1] - 1)
        close(sums.gram[r], brute.A.T @ (s[:, None] * brute.A) + np.diag(brute.strength))
        close(sums.diagonal[:, r], np.einsum("kdkd->dk", sums.hessian[r]))
        close(sums.margin[r], smallest_margin(brute, T))


def test_the_moments_know_the_sums_at_zero(objective):
    """But for an offset, which they do not hold."""
    objective = replace(objective, source=replace(objective.source, offset=None))
    known = objective.at_zero()
    swept = objective.evaluate(objective.layout.zeros(), Want.GRADIENT | Want.CLASS_SUMS)
    for name in ("value", "gradient", "probability", "log_probability"):
        close(getattr(known, name), getattr(swept, name))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_are_stored_in_the_type_of_the_rows(dtype):
    objective = objective_of(np.ones((4, 2), dtype), np.arange(4) % 3, 3)
    theta = np.full(objective.layout.shape, 0.1)
    stored = objective.stored(theta)
    assert (stored[:2] == dtype(0.1)).all()
    assert (stored[2] == 0.1).all()
    assert (theta == 0.1).all()


def smallest_margin(brute, T):
    """Return the least z_y - max of the others over rows with weight, without offsets; -inf for a mixed row."""
    Z = np.where(brute.present, brute.A @ (T @ brute.E), -np.inf)
    margins = [np.inf]
    for z, y, c in zip(Z, brute.Y, brute.c, strict=True):
        if c > 0 and y.any():
            own = np.flatnonzero(y)
            margins.append(z[own[0]] - np.delete(z, own).max() if len(own) == 1 else -np.inf)
    return min(margins)


def test_gradient_and_hessian_are_derivatives(objective):
    theta, h = parameters(objective, 0.3), 1e-5
    V = np.random.default_rng(1).normal(size=theta.shape)
    ahead, behind = (objective.evaluate(theta + step * V, Want.GRADIENT) for step in (h, -h))
    here = objective.evaluate(theta, Want.GRADIENT)
    slope = np.einsum("drk,drk->r", here.gradient, V)
    np.testing.assert_allclose((ahead.value - behind.value) / (2 * h), slope, rtol=1e-7)
    close((ahead.gradient - behind.gradient) / (2 * h), objective.hvp(theta, V), 1e-6)


def test_hvp_is_the_hessian_times_v(objective):
    theta = parameters(objective)
    V = np.random.default_rng(2).normal(size=theta.shape)
    H = objective.evaluate(theta, Want.HESSIAN).hessian
    close(objective.hvp(theta, V), np.einsum("rjdke,erk->drj", H, V))


def test_hessian_is_symmetric_and_positive_semidefinite(objective):
    H = objective.evaluate(parameters(objective, 3.0), Want.HESSIAN).hessian
    for each in H:
        n = each.shape[0] * each.shape[1]
        matrix = each.reshape(n, n)
        close(matrix, matrix.T)
        eigenvalues = np.linalg.eigvalsh(matrix)
        assert eigenvalues[0] >= -1e-13 * eigenvalues[-1]


@pytest.mark.parametrize("arguments", STACKED.values(), ids=list(STACKED))
def test_a_stack_equals_its_problems(arguments):
    """A stack of two is two problems: same numbers, but for the rounding of a wider matrix product."""
    objective = problem(**arguments)
    theta, V = parameters(objective), parameters(objective, seed=5)
    stacked, products = objective.evaluate(theta, EVERYTHING), objective.hvp(theta, V)
    for r in range(2):
        single = one_of(objective, r)
        alone = single.evaluate(theta[:, [r]], EVERYTHING)
        for name in ("value", "probability", "log_probability", "class_curvature", "margin", "gram", "hessian"):
            close(getattr(stacked, name)[[r]], getattr(alone, name), 1e-13)
        close(stacked.gradient[:, [r]], alone.gradient, 1e-13)
        close(stacked.diagonal[:, [r]], alone.diagonal, 1e-13)
        close(products[:, [r]], single.hvp(theta[:, [r]], V[:, [r]]), 1e-13)


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_the_same_sums(kind):
    dense, other = problem(3), problem(3, source=kind)
    theta = parameters(dense)
    expected, sums = dense.evaluate(theta, EVERYTHING), other.evaluate(theta, EVERYTHING)
    for name in ("value", "gradient", "margin", "gram", "diagonal", "hessian"):
        close(getattr(sums, name), getattr(expected, name))


@pytest.mark.parametrize("rows_per_block", [1, 5, 37, 2048])
def test_block_boundaries_change_nothing_but_rounding(rows_per_block):
    arguments = {"K": 3, "soft": True, "weighted": True, "offset": True}
    whole, cut = problem(**arguments, rows_per_block=64), problem(**arguments, rows_per_block=rows_per_block)
    theta = parameters(whole)
    expected, sums = whole.evaluate(theta, EVERYTHING), cut.evaluate(theta, EVERYTHING)
    for name in ("value", "gradient", "margin", "gram", "hessian", "class_curvature"):
        close(getattr(sums, name), getattr(expected, name), 1e-13)


@pytest.mark.parametrize("name", ["three classes, soft, weighted", "sparse", "pair"])
def test_threads_change_no_bit(name):
    from dataclasses import replace

    objective = problem(**TABLE[name], rows_per_block=3)
    theta = parameters(objective)
    one = objective.evaluate(theta, EVERYTHING)
    for n_threads in (2, 5):
        many = replace(objective, n_threads=n_threads).evaluate(theta, EVERYTHING)
        for part in ("value", "gradient", "gram", "hessian", "class_curvature"):
            assert getattr(many, part).tobytes() == getattr(one, part).tobytes()


def test_only_what_is_wanted_is_computed():
    objective = problem()
    theta = parameters(objective)
    wants = {
        Want.VALUE: set(),
        Want.GRADIENT: {"gradient"},
        Want.CLASS_SUMS: {"probability", "log_probability"},
        Want.CLASS_CURVATURE: {"class_curvature"},
        Want.MARGIN: {"margin"},
        Want.GRAM: {"gram"},
        Want.DIAGONAL: {"diagonal"},
        Want.HESSIAN: {"hessian"},
    }
    everything = {
        "gradient",
        "probability",
        "log_probability",
        "class_curvature",
        "margin",
        "gram",
        "diagonal",
        "hessian",
    }
    for want, parts in wants.items():
        sums = objective.evaluate(theta, want)
        assert {name for name in everything if getattr(sums, name) is not None} == parts
        np.testing.assert_array_equal(sums.value, objective.evaluate(theta, EVERYTHING).value)


def test_hand_values_of_two_rows():
    """X = -1 and 1, labels 0 and 1, w = 1, b = 0, C = 2: both margins are 1."""
    objective = objective_of(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2, C=2.0)
    sums = objective.evaluate(np.array([[[1.0]], [[0.0]]]), EVERYTHING)
    q = 1 / (1 + np.e)
    np.testing.assert_allclose(sums.value, [4 * np.log1p(np.exp(-1)) + 0.5], rtol=1e-15)
    np.testing.assert_allclose(sums.gradient.ravel(), [-4 * q + 1, 0], atol=1e-15)
    s = 4 * q * (1 - q)
    np.testing.assert_allclose(sums.hessian.reshape(2, 2), [[s + 1, 0], [0, s]], rtol=1e-15)
    np.testing.assert_allclose(sums.gram[0], [[s + 1, 0], [0, s]], rtol=1e-15)
    np.testing.assert_array_equal(sums.margin, [1.0])


def test_at_zero_every_class_is_equally_probable():
    objective = problem(5, C=0.1)
    sums = objective.evaluate(objective.layout.zeros(), Want.CLASS_SUMS)
    np.testing.assert_allclose(sums.value, 0.1 * 37 * np.log(5), rtol=1e-14)
    np.testing.assert_allclose(objective.null_value, 0.1 * 37 * np.log(5), rtol=1e-14)
    np.testing.assert_allclose(sums.probability, 0.1 * 37 / 5 * np.ones((1, 5)), rtol=1e-14)
    masked = problem(3, mask=[[True, False, True]])
    value = masked.evaluate(masked.layout.zeros(), Want.VALUE).value[0]
    np.testing.assert_allclose([value, masked.null_value], masked.source.weight.sum() * np.log(2), rtol=1e-14)


def test_rows_without_weight_are_deleted_rows():
    X = np.random.default_rng(0).normal(size=(12, 2))
    y, w = np.arange(12) % 3, np.tile([1.0, 2.0, 0.5, 0.0], 3)
    X[w == 0] = 1e150
    all_rows, kept = objective_of(X, y, 3, weight=w), objective_of(X[w > 0], y[w > 0], 3, weight=w[w > 0])
    theta = parameters(kept)
    one, other = all_rows.evaluate(theta, EVERYTHING), kept.evaluate(theta, EVERYTHING)
    for name in ("value", "gradient", "margin", "gram", "hessian"):
        close(getattr(one, name), getattr(other, name), 1e-13)


def test_a_rare_curvature_is_not_lost_to_rounding():
    """p rounds to one in every row, yet the Hessian is p_0 p_1 x x', not zero."""
    objective = objective_of(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2, C=np.inf)
    H = objective.evaluate(np.array([[[50.0]], [[0.0]]]), Want.HESSIAN).hessian
    np.testing.assert_allclose(H.reshape(2, 2), 2 * np.exp(-50.0) * np.eye(2), rtol=1e-14)


def test_mean_curvature():
    """The mean eigenvalue of diag(p) - p p' over the K - 1 directions that sum to zero; p q for one free row."""
    for arguments in ({"K": 2}, {"K": 4}):
        layout = problem(**arguments).layout
        p = np.random.default_rng(0).dirichlet(np.ones(layout.n_classes))
        trace = np.trace(np.diag(p) - np.outer(p, p))
        expected = p[0] * p[1] if layout.n_classes == 2 else trace / (layout.n_classes - 1)
        np.testing.assert_allclose(mean_curvature(p[None, None], layout), [[expected]], rtol=1e-14)


def test_sampling_keeps_the_objective_of_regular_data():
    """Every second row, twice as heavy: the same sums where rows come in equal pairs."""
    X = np.repeat(np.random.default_rng(0).normal(size=(10, 2)), 2, axis=0)
    objective = objective_of(X, np.repeat(np.arange(10) % 2, 2), 2)
    theta = parameters(objective)
    assert objective.sampled(1) is objective
    close(objective.sampled(2).evaluate(theta, Want.GRAM).gram, objective.evaluate(theta, Want.GRAM).gram)


def test_work_counts_gradient_equivalents():
    objective = problem(5, D=9)
    assert objective.work(Want.GRADIENT) == 1.0
    assert objective.work(Want.VALUE) == 0.5
    assert objective.work(Want.GRADIENT | Want.GRAM) == 1.0 + 10 / 20
    assert objective.work(Want.GRADIENT | Want.HESSIAN) == 1.0 + 10 * 10 / 20
