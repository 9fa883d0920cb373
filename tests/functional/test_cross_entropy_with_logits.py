"""Cross-entropy of softmax in the logits: value, gradient and Hessian."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from multilogit.errors import InputError
from multilogit.functional import (
    cross_entropy_with_logits,
    cross_entropy_with_logits_gradient,
    cross_entropy_with_logits_hessian,
    gradient_check,
    log_softmax,
    one_hot,
    softmax,
    softmax_jacobian,
)

EPS = np.finfo(np.float64).eps
FUNCTIONS = [cross_entropy_with_logits, cross_entropy_with_logits_gradient, cross_entropy_with_logits_hessian]
RNG = np.random.default_rng(0)
Z = RNG.standard_normal((5, 3))
LABELS = np.array([0, 2, 1, 1, 0])
SOFT = RNG.dirichlet(np.ones(3), size=5)
WEIGHT = np.array([1.0, 0.5, 0.0, 3.0, 2.0])


def test_hand_values():
    assert cross_entropy_with_logits(1, [0.0, np.log(3.0)]) == pytest.approx(np.log(4 / 3), rel=1e-15)
    np.testing.assert_allclose(cross_entropy_with_logits_gradient(1, [0.0, np.log(3.0)]), [0.25, -0.25])
    hessian = cross_entropy_with_logits_hessian(1, [0.0, np.log(3.0)])
    np.testing.assert_allclose(hessian, [[3 / 16, -3 / 16], [-3 / 16, 3 / 16]])


@pytest.mark.parametrize("targets", [LABELS, SOFT])
@pytest.mark.parametrize("e", [0.0, 0.1, 1.0])
def test_formula(targets, e):
    Y = one_hot(targets, 3) if targets.ndim == 1 else targets
    Y = (1 - e) * Y + e / 3
    rows = -(Y * log_softmax(Z)).sum(axis=1)
    options = {"sample_weight": WEIGHT, "label_smoothing": e}
    np.testing.assert_allclose(
        cross_entropy_with_logits(targets, Z, reduction="none", **options), WEIGHT * rows, rtol=1e-14
    )
    total = cross_entropy_with_logits(targets, Z, **options)
    assert total == pytest.approx(WEIGHT @ rows, rel=1e-14)
    mean = cross_entropy_with_logits(targets, Z, reduction="mean", **options)
    assert mean == pytest.approx(WEIGHT @ rows / WEIGHT.sum(), rel=1e-14)
    R = WEIGHT[:, None] * (softmax(Z) - Y)
    np.testing.assert_allclose(cross_entropy_with_logits_gradient(targets, Z, **options), R, atol=4 * EPS)
    H = WEIGHT[:, None, None] * softmax_jacobian(Z)
    np.testing.assert_allclose(cross_entropy_with_logits_hessian(targets, Z, **options), H, atol=4 * EPS)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("targets", [LABELS, SOFT])
@pytest.mark.parametrize("e", [0.0, 0.3])
def test_derivatives_against_finite_differences(targets, e, reduction):
    options = {"sample_weight": WEIGHT, "label_smoothing": e, "reduction": reduction}

    def gradient(logits):
        return cross_entropy_with_logits_gradient(targets, logits, **options)

    check = gradient_check(lambda logits: cross_entropy_with_logits(targets, logits, **options), Z, gradient)
    assert check.relative_error < 1e-7, str(check)
    full = np.zeros((5, 3, 5, 3))
    full[range(5), :, range(5), :] = cross_entropy_with_logits_hessian(targets, Z, **options)
    check = gradient_check(gradient, Z, full)
    assert check.relative_error < 1e-7, str(check)


def test_derivatives_are_exact_for_sums_that_are_one_only_nearly():
    """With m = sum y the gradient is m p - y and the Hessian m (diag(p) - p p')."""
    Y = SOFT * (1 + 9e-7)
    gradient = cross_entropy_with_logits_gradient(Y, Z)
    assert gradient_check(lambda Z: cross_entropy_with_logits(Y, Z), Z, gradient).relative_error < 2e-8
    hessian = cross_entropy_with_logits_hessian(Y, Z)
    np.testing.assert_allclose(hessian, (1 + 9e-7) * softmax_jacobian(Z), rtol=1e-14)


def test_none_differentiates_each_row():
    for function in FUNCTIONS[1:]:
        each = function(LABELS, Z, reduction="none", sample_weight=WEIGHT)
        np.testing.assert_array_equal(each, function(LABELS, Z, sample_weight=WEIGHT))
        mean = function(LABELS, Z, reduction="mean", sample_weight=WEIGHT)
        np.testing.assert_allclose(mean, each / WEIGHT.sum(), rtol=4 * EPS)


@pytest.mark.parametrize("gap", [1.0, 40.0, 300.0])
@pytest.mark.parametrize("targets", [0, [1, 0, 0]])
def test_residual_of_the_true_class_keeps_its_digits(targets, gap):
    z = np.array([0.0, -gap, -gap - 1.0])
    with mpmath.workdps(400):
        e = [mpmath.exp(mpmath.mpf(value)) for value in z]
        residual = [value / sum(e) - (k == 0) for k, value in enumerate(e)]
        loss = -mpmath.log(e[0] / sum(e))
        expected, expected_loss = np.array(residual, dtype=float), float(loss)
    np.testing.assert_allclose(cross_entropy_with_logits_gradient(targets, z), expected, rtol=4 * EPS)
    assert cross_entropy_with_logits(targets, z) == pytest.approx(expected_loss, rel=4 * EPS)


@settings(deadline=None)
@given(st.data())
def test_properties(data):
    logits = data.draw(hnp.arrays(np.float64, (4, 3), elements=st.floats(-50, 50)))
    labels = data.draw(hnp.arrays(np.int64, 4, elements=st.integers(0, 2)))
    R = cross_entropy_with_logits_gradient(labels, logits)
    H = cross_entropy_with_logits_hessian(labels, logits)
    assert (cross_entropy_with_logits(labels, logits, reduction="none") >= 0).all()
    np.testing.assert_allclose(R.sum(axis=1), 0.0, atol=2 * EPS)
    np.testing.assert_allclose(H.sum(axis=2), 0.0, atol=4 * EPS)
    assert np.linalg.eigvalsh(H).min() >= -4 * EPS
    order = data.draw(st.permutations(range(3)))
    relabelled = np.argsort(order)[labels]
    np.testing.assert_allclose(
        cross_entropy_with_logits_gradient(relabelled, logits[:, order]), R[:, order], rtol=8 * EPS
    )


def test_weights_are_repetitions():
    counts = np.array([2, 0, 1, 3, 1])
    repeated = np.repeat(LABELS, counts), np.repeat(Z, counts, axis=0)
    for reduction in ("sum", "mean"):
        weighted = cross_entropy_with_logits(LABELS, Z, sample_weight=counts, reduction=reduction)
        assert weighted == pytest.approx(cross_entropy_with_logits(*repeated, reduction=reduction), rel=1e-15)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_row_of_weight_zero_is_as_if_deleted(function):
    broken = np.vstack([Z, [np.nan, 0.0, 0.0], [-np.inf, 0.0, 0.0]])
    labels, weight = np.append(LABELS, [0, 0]), np.append(np.ones(5), [0.0, 0.0])
    for reduction in ("sum", "mean", "none"):
        result = function(labels, broken, sample_weight=weight, reduction=reduction)
        expected = function(LABELS, Z, reduction=reduction)
        if result.shape != expected.shape:
            assert not result[5:].any()
            result = result[:5]
        np.testing.assert_array_equal(result, expected)


def test_infinite_logits_in_the_limit():
    assert cross_entropy_with_logits(0, [np.inf, 0.0]) == 0.0
    assert cross_entropy_with_logits(1, [np.inf, 0.0]) == np.inf
    assert cross_entropy_with_logits(0, [0.0, -np.inf]) == 0.0
    np.testing.assert_array_equal(cross_entropy_with_logits_gradient(1, [np.inf, 0.0]), [1.0, -1.0])
    np.testing.assert_array_equal(cross_entropy_with_logits_hessian(1, [np.inf, 0.0]), np.zeros((2, 2)))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("row", [[np.nan, 0.0], [np.inf, np.inf], [-np.inf, -np.inf]])
def test_a_row_without_a_softmax_is_refused(function, row):
    with pytest.raises(InputError, match=r"must have a softmax in every row.* in row 1"):
        function([0, 0], [[0.0, 0.0], row])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"sample_weight": [1, 1, -1, 1, 1]}, InputError, "finite and not negative. Got -1.0 in row 2"),
        ({"sample_weight": [1, np.nan, 1, 1, 1]}, InputError, "Got nan in row 1"),
        ({"sample_weight": [1, np.inf, 1, 1, 1]}, InputError, "Got inf in row 1"),
        ({"sample_weight": [1, 1]}, InputError, r"shape of the rows, \(5,\). Got \(2,\)"),
        ({"sample_weight": 1.0}, InputError, r"Got \(\)"),
        ({"label_smoothing": 1.5}, InputError, "between 0 and 1. Got 1.5"),
        ({"label_smoothing": -0.1}, InputError, "Got -0.1"),
        ({"label_smoothing": float("nan")}, InputError, "Got nan"),
        ({"label_smoothing": "0.1"}, TypeError, "label_smoothing must be a number. Got '0.1'"),
        ({"label_smoothing": None}, TypeError, "label_smoothing must be a number. Got None"),
        ({"reduction": "average"}, InputError, "one of 'sum', 'mean', 'none'. Got 'average'"),
        (
            {"reduction": "mean", "sample_weight": np.zeros(5)},
            InputError,
            "positive and finite. Got 0.0, from 5",
        ),
        ({"weights": np.ones(5)}, TypeError, "unexpected keyword argument 'weights'"),
    ],
)
def test_refused_options(function, options, error, sentence):
    with pytest.raises(error, match=sentence):
        function(LABELS, Z, **options)


def test_shapes_and_types():
    batch = np.zeros((2, 3, 4), np.float32)
    labels = np.zeros((2, 3), int)
    assert cross_entropy_with_logits(labels, batch).dtype == np.float32
    assert cross_entropy_with_logits(labels, batch, reduction="none").shape == (2, 3)
    assert cross_entropy_with_logits_gradient(labels, batch).shape == (2, 3, 4)
    assert cross_entropy_with_logits_gradient(labels, batch, sample_weight=np.ones((2, 3))).dtype == np.float32
    assert cross_entropy_with_logits_hessian(labels, batch).shape == (2, 3, 4, 4)
    assert cross_entropy_with_logits_hessian(labels, batch).dtype == np.float32
    assert isinstance(cross_entropy_with_logits(0, [0.0, 0.0], reduction="none"), np.float64)


def test_sums_over_float32_rows_are_accumulated_in_float64():
    """In float32 a running sum of a million ln 2 is off by 2 per cent of a ulp per row: 1e-4 at the end."""
    total = cross_entropy_with_logits(np.zeros(1_000_000, int), np.zeros((1_000_000, 2), np.float32))
    assert total == np.float32(1e6 * np.log(2.0))


def test_empty_batches():
    labels, logits = np.zeros(0, int), np.zeros((0, 3))
    assert cross_entropy_with_logits(labels, logits) == 0.0
    assert cross_entropy_with_logits(labels, logits, reduction="none").shape == (0,)
    assert cross_entropy_with_logits_gradient(labels, logits).shape == (0, 3)
    assert cross_entropy_with_logits_hessian(labels, logits).shape == (0, 3, 3)
    with pytest.raises(InputError, match=r"Got 0.0, from 0 rows. Use reduction='sum'"):
        cross_entropy_with_logits(labels, logits, reduction="mean")
