import math

import pytest
from benchmarks.ladder import Iterations, Once, Rung, Tolerances, best_gap, fastest


def climb(ladder, gap_of, targets, ends_at=math.inf):
    """Return the rungs of a fit whose gap after n iterations is gap_of(n), in seconds of 1 per iteration."""
    rungs = []
    while (setting := ladder.propose(rungs, targets)) is not None:
        assert len(rungs) < 60, "the ladder has no top"
        done = min(setting, ends_at)
        rungs.append(Rung(setting, done, gap_of(done), done < setting))
    return rungs


@pytest.mark.parametrize("rate", [0.3, 1.0, 7.0, 60.0])
@pytest.mark.parametrize("start", [2, 8])
def test_iterations_find_the_least_count_within_an_eighth(rate, start):
    """For gap = exp(-n / rate) the least count for a target is known."""
    targets = (1e-3, 1e-6, 1e-9)
    rungs = climb(Iterations(start), lambda n: math.exp(-n / rate), targets)
    for target in targets:
        least = math.ceil(-rate * math.log(target))
        assert least <= fastest(rungs, target).setting <= max(least + 1, least * 8 / 7)
    assert len({rung.setting for rung in rungs}) == len(rungs), "a setting was fitted twice"
    assert sum(rung.seconds for rung in rungs) < max(6 * fastest(rungs, 1e-9).seconds, 60)


def test_iterations_are_refined_where_the_gap_is_a_step():
    rungs = climb(Iterations(4), lambda n: 1e-12 if n >= 13 else 1.0, (1e-3, 1e-6, 1e-9))
    assert 13 <= fastest(rungs, 1e-9).setting <= 13 * 8 / 7


def test_the_climb_ends_where_the_fit_ends_by_itself():
    rungs = climb(Iterations(4), lambda n: 10.0 / n, (1e-9,), ends_at=50)
    assert max(rung.setting for rung in rungs) <= 200
    assert fastest(rungs, 1e-9) is None
    assert best_gap(rungs) == 0.2


def test_the_climb_ends_where_nothing_is_gained():
    rungs = climb(Iterations(4), lambda n: max(math.exp(-n), 1e-7), (1e-3, 1e-9))
    assert max(rung.setting for rung in rungs) <= 256
    assert fastest(rungs, 1e-3).setting <= 8


def test_the_climb_goes_on_while_the_fit_has_not_begun_to_move():
    rungs = climb(Iterations(4), lambda n: math.inf if n < 100 else 1e-10, (1e-9,))
    assert 100 <= fastest(rungs, 1e-9).setting <= 115


def test_the_climb_has_a_limit():
    rungs = climb(Iterations(4, limit=64), lambda n: 1.0 / n, (1e-9,))
    assert 50 < max(rung.setting for rung in rungs) <= 64 * 4


def test_tolerances_are_each_target_and_a_hundred_times_it():
    rungs = climb(Tolerances(), lambda tol: tol, (1e-3, 1e-6))
    assert [rung.setting for rung in rungs] == pytest.approx([1e-1, 1e-3, 1e-4, 1e-6])


@pytest.mark.parametrize("nearer", [3.0, 12.0, 70.0, 1e4])
def test_a_tolerance_that_overshoots_is_loosened(nearer):
    """For gap = tol / nearer the loosest tolerance for a target is known; none is looser than the first."""
    targets = (1e-3, 1e-6)
    rungs = climb(Tolerances(), lambda tol: tol / nearer, targets)
    assert len(rungs) <= 4 + 3 * len(targets)
    assert len({rung.setting for rung in rungs}) == len(rungs), "a setting was fitted twice"
    for target in targets:
        loosest = max(rung.setting for rung in rungs if rung.gap <= target)
        assert min(nearer * target, 0.1) / 2 <= loosest <= nearer * target


def test_once_is_once():
    assert len(climb(Once(), lambda _: 5.0, (1e-3,))) == 1


def test_the_fastest_is_by_seconds_not_by_setting():
    rungs = [Rung(4, 9.0, 1e-4), Rung(8, 2.0, 1e-5), Rung(16, 1.0, 1e-2)]
    assert fastest(rungs, 1e-3).setting == 8
    assert fastest(rungs, 1e-6) is None
    assert best_gap([]) == math.inf
