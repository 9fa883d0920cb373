import numpy as np
import pytest
from sklearn.metrics import log_loss

from multilogit.errors import InputError
from multilogit.estimators import LogisticRegression
from multilogit.table import strength
from multilogit.table.split import cross_validation
from multilogit.table.strength import choose

GRID = 10.0 ** np.linspace(-4, 4, 20)


def problem(rows=120, noise=3.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))
    codes = (X[:, :3] * 2.0 + noise * rng.gumbel(size=(rows, 3))).argmax(axis=1)
    return X, codes, rng.uniform(0.5, 2.0, size=rows)


def asked(X, codes, weight, groups=None, seed=0):
    return choose(X, codes, weight, groups, seed)


def test_the_best_of_twenty_values():
    found = asked(*problem())
    np.testing.assert_allclose(found.Cs, GRID, rtol=1e-14)
    assert len(found.losses) == 20
    assert dict(zip(found.losses, found.Cs, strict=True))[min(found.losses)] == found.C
    assert found.edge is None


def test_the_losses_are_those_of_separate_fits(monkeypatch):
    monkeypatch.setattr(strength, "_TOL", 1e-9)
    X, codes, weight = problem()
    found = asked(X, codes, weight)
    splits = cross_validation(codes, None, 0)
    for place in (0, 9, 19):
        sums = [
            log_loss(codes[s.score], fitted(X, codes, weight, s, found.Cs[place]), sample_weight=weight[s.score])
            * weight[s.score].sum()
            for s in splits
        ]
        assert found.losses[place] == pytest.approx(sum(sums) / weight.sum(), rel=2e-6)


def fitted(X, codes, weight, split, C):
    model = LogisticRegression(C=C, tol=1e-9).fit(X[split.fit], codes[split.fit], sample_weight=weight[split.fit])
    return model.predict_proba(X[split.score])


def test_pure_noise_extends_the_scale_downwards_and_says_so():
    rng = np.random.default_rng(1)
    found = asked(rng.normal(size=(100, 5)), rng.integers(2, size=100), np.ones(100))
    assert found.Cs[0] < 1e-8
    assert (found.edge, found.C) == ("lowest", found.Cs[0])
    assert len(found.Cs) == 30
    np.testing.assert_allclose(np.diff(np.log10(found.Cs)), 8 / 19, rtol=1e-9)


def test_a_clean_cut_extends_the_scale_upwards_and_says_so():
    x = np.concatenate([np.linspace(-2, -1, 40), np.linspace(1, 2, 40)])
    found = asked(x[:, None], (x > 0).astype(int), np.ones(80))
    assert found.Cs[-1] > 1e8
    assert (found.edge, found.C) == ("highest", found.Cs[-1])
    assert len(found.losses) == len(found.Cs) == 30
    assert list(found.losses) == sorted(found.losses, reverse=True)


def test_the_scale_ends_extending_where_the_best_lies_inside(monkeypatch):
    monkeypatch.setattr(strength, "_HIGHEST", -3.0)
    monkeypatch.setattr(strength, "_VALUES", 3)
    found = asked(*problem(noise=1.0))
    assert found.edge is None
    assert (len(found.Cs) - 3) % 5 == 0
    assert found.Cs[0] < found.C < found.Cs[-1]


def test_the_seed_decides():
    first, again, other = (asked(*problem(), seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first.losses != other.losses


def test_groups_stay_together():
    """Copies of rows on both sides of a split make the fits look better than they are."""
    rng = np.random.default_rng(0)
    X, codes = np.repeat(rng.normal(size=(30, 12)), 6, axis=0), np.repeat(rng.integers(2, size=30), 6)
    groups = np.repeat(np.arange(30), 6)
    together, apart = asked(X, codes, np.ones(180), groups), asked(X, codes, np.ones(180))
    assert together.C < 1e-2 < apart.C
    assert min(together.losses) > 0.6 > min(apart.losses)


def test_few_groups_make_few_parts():
    X, codes, weight = problem()
    assert asked(X, codes, weight, np.arange(120) % 4).edge is None
    assert asked(X, codes, weight, np.zeros(120)) == asked(X, codes, weight, None)


def test_too_few_rows_are_said():
    with pytest.raises(InputError, match=r"too few rows to choose C \(2 rows to fit\); give it a value"):
        asked(np.array([[0.0], [1.0]]), np.array([0, 1]), np.ones(2))


def test_where_fits_are_dear_values_that_cannot_win_are_not_tried(monkeypatch):
    X, codes, weight = problem()
    every = asked(X, codes, weight, None)
    monkeypatch.setattr(strength, "_DEAR", 1)
    monkeypatch.setattr(strength, "_WORSE", 1e-4)
    some = asked(X, codes, weight, None)
    assert some.C == every.C
    assert len(some.Cs) in {10, 15}
    assert some.Cs == every.Cs[: len(some.Cs)]
    assert some.losses == pytest.approx(every.losses[: len(some.Cs)], rel=1e-3)
    monkeypatch.setattr(strength, "_WORSE", 1e9)
    assert asked(X, codes, weight, None).Cs == every.Cs
