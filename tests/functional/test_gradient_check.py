"""gradient_check finds wrong derivatives, and only those."""

import dataclasses

import numpy as np
import pytest

from multilogit.errors import InputError
from multilogit.functional import GradientCheck, gradient_check


def test_a_correct_gradient_of_any_shape():
    x = np.random.default_rng(0).standard_normal((2, 3))
    check = gradient_check(lambda x: np.sin(x).sum(), x, np.cos(x))
    assert isinstance(check, GradientCheck)
    assert check.relative_error < 1e-8
    assert gradient_check(lambda x: float(x**3), 2.0, 12.0).relative_error < 1e-8
    assert gradient_check(lambda x: np.sin(x).sum(), x, np.cos).relative_error < 1e-8


def test_a_jacobian():
    A = np.random.default_rng(0).standard_normal((4, 3))
    assert gradient_check(lambda x: A @ x, np.ones(3), A).relative_error < 1e-9
    assert gradient_check(lambda x: x.T, np.ones((2, 3)), np.einsum("ik,jl->jikl", *map(np.eye, (2, 3)))).index


@pytest.mark.parametrize("size", [1e-3, 1e-6])
def test_the_worst_entry_is_found_and_measured(size):
    x = np.array([[0.3, -0.7], [1.1, 2.0]])
    wrong = np.cos(x)
    wrong[1, 0] *= 1 + size
    check = gradient_check(lambda x: np.sin(x).sum(), x, wrong)
    assert check.index == (1, 0)
    assert check.relative_error == pytest.approx(size, rel=1e-2)
    assert check.analytic == wrong[1, 0]
    assert check.numerical == pytest.approx(np.cos(1.1), rel=1e-9)
    assert 2.0**-36 <= check.step <= 2.0**-8


def test_sign_errors_and_forgotten_entries():
    x = np.array([1.0, 2.0])
    assert gradient_check(lambda x: (x**2).sum(), x, -2 * x).relative_error == pytest.approx(2.0)
    assert gradient_check(lambda x: (x**2).sum(), x, [2.0, 0.0]).relative_error == pytest.approx(1.0)
    assert gradient_check(lambda x: 0 * x[0], x, [0.0, 0.0]).relative_error == 0.0


def test_steps_outside_the_domain_are_passed_over():
    def log(x):
        if (x < 0).any():
            raise ValueError("log of a negative number")
        return np.log(x).sum()

    x = np.array([1e-6, 1.0])
    assert gradient_check(log, x, 1 / x).relative_error < 1e-4
    with np.errstate(invalid="ignore"):
        assert gradient_check(lambda x: np.log(x).sum(), x, 1 / x).relative_error < 1e-4


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_scales_of_the_function(scale):
    x = np.linspace(-1, 1, 5)
    check = gradient_check(lambda x: scale * np.exp(x).sum(), x, scale * np.exp(x))
    assert check.relative_error < 1e-8


def test_the_function_may_write_to_its_argument():
    def square(x):
        x *= x
        return x.sum()

    x = np.array([1.0, 3.0])
    assert gradient_check(square, x, [2.0, 6.0]).relative_error < 1e-9
    np.testing.assert_array_equal(x, [1.0, 3.0])


def test_the_record_is_frozen_and_says_itself_in_a_sentence():
    check = gradient_check(lambda x: (x**2).sum(), np.array([1.0, 2.0]), [2.0, 5.0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.step = 1.0
    assert str(check).startswith("worst relative error 0.2 at [1]: the derivative says 5, central differences")


@pytest.mark.parametrize(
    ("function", "x", "gradient", "sentence"),
    [
        (np.sum, np.ones(3), np.ones(2), r"shape of the function's value .* \(3,\). Got \(2,\)"),
        (np.sin, np.ones(3), np.ones(3), r"\(3, 3\). Got \(3,\)"),
        (np.sum, np.ones(2), [1.0, np.nan], r"gradient must be finite to be checked. Got nan at \(1,\)"),
        (np.sum, [], [], "x must not be empty"),
        (lambda x: np.nan * x.sum(), np.ones(2), np.ones(2), "No step gave a finite difference at"),
    ],
)
def test_refused_arguments(function, x, gradient, sentence):
    with pytest.raises(InputError, match=sentence):
        gradient_check(function, x, gradient)


def test_an_error_of_the_function_at_x_itself_is_raised():
    def broken(x):
        raise ValueError("nothing here")

    with pytest.raises(ValueError, match="nothing here"):
        gradient_check(broken, [1.0], [1.0])
