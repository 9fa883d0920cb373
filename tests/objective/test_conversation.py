"""Requests and who answers them: alone or stacked, a conversation is sent the same sums."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from objective.problems import objective_of, one_of, parameters, problem
from tables import STACKED

from multilogit._objective.conversation import Evaluate, Product, answer, answer_all
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums, Want

EVERYTHING = ~Want.VALUE
BASIC = Want.GRADIENT | Want.CLASS_SUMS
ALL_BUT_HESSIAN = EVERYTHING & ~Want.HESSIAN


def family(R=5, *, folds=2, K=3, **arguments):
    """Return a stack of R problems that share a few columns of weights, each with its own C."""
    rng = np.random.default_rng(R)
    alone = problem(K, weighted=True, **arguments)
    weight = rng.choice([0.0, 1.0, 2.0], size=(len(alone.source.X), folds))
    C = np.logspace(-2, 2, R)
    stack = objective_of(alone.source.X, alone.source.targets, K, C=C, weight=weight, rows_per_block=8)
    return replace(stack, fold=np.arange(R) % folds)


def close(ours, theirs, tolerance=1e-13):
    """Compare every part of two Sums, or two arrays, with the size of the largest entry."""
    if isinstance(ours, Sums):
        for name in Sums.__slots__:
            if getattr(theirs, name) is not None:
                close(getattr(ours, name), getattr(theirs, name), tolerance)
        return
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * (np.abs(theirs).max(initial=0.0) + 1e-300))


class Watched:
    """Counts the sweeps of every objective, and the problems that each serves."""

    def __init__(self, monkeypatch):
        self.sizes, self.wants = [], []
        evaluate = SoftmaxRegression.evaluate

        def watched(objective, theta, want):
            self.sizes.append(objective.layout.n_problems)
            self.wants.append(want)
            return evaluate(objective, theta, want)

        monkeypatch.setattr(SoftmaxRegression, "evaluate", watched)


@pytest.fixture
def sweeps(monkeypatch):
    return Watched(monkeypatch)


def asking(requests):
    """A conversation that makes some requests and returns the replies."""
    replies = []
    for request in requests:
        reply = yield request
        replies.append(reply)
    return replies


def test_one_conversation_is_answered_by_the_objective_itself():
    objective = problem(3)
    theta, V = parameters(objective), parameters(objective, seed=1)
    sums, thinned, product = answer(
        asking(
            [
                Evaluate(objective, theta, EVERYTHING),
                Evaluate(objective, theta, Want.GRAM, 3),
                Product(objective, theta, V),
            ]
        )
    )
    close(sums, objective.evaluate(theta, EVERYTHING), 0.0)
    close(thinned, objective.sampled(3).evaluate(theta, Want.GRAM), 0.0)
    close(product, objective.hvp(theta, V), 0.0)


@pytest.mark.parametrize("name", STACKED)
def test_a_view_is_the_problem_alone(name):
    stack = problem(**STACKED[name])
    theta = parameters(stack)
    for r in range(2):
        view, single = stack.problem(r), one_of(stack, r)
        close(view.evaluate(theta[:, [r]], EVERYTHING), single.evaluate(theta[:, [r]], EVERYTHING))
        assert view.null_value == pytest.approx(single.null_value, rel=1e-14)
        for part in ("mass", "targets", "features", "cross"):
            close(getattr(view.moments, part), getattr(single.moments, part))


def test_problems_that_share_a_fold_are_problems_with_equal_weights():
    stack = family()
    written_out = replace(
        stack, fold=None, source=replace(stack.source, weight=np.ascontiguousarray(stack.source.weight[:, stack.fold]))
    )
    theta = parameters(stack)
    close(stack.evaluate(theta, EVERYTHING), written_out.evaluate(theta, EVERYTHING), 0.0)
    close(stack.hvp(theta, theta), written_out.hvp(theta, theta), 0.0)
    again = SoftmaxRegression.stacked([stack.problem(r) for r in range(5)])
    close(again.evaluate(theta, EVERYTHING), stack.evaluate(theta, EVERYTHING), 0.0)


def test_many_conversations_share_their_sweeps(sweeps):
    stack = family()
    theta = [parameters(stack, seed=s) for s in range(3)]
    views = [stack.problem(r) for r in range(5)]

    def talk(r):
        return asking([Evaluate(views[r], theta[s][:, [r]], EVERYTHING) for s in range(3)])

    alone = [answer(talk(r)) for r in range(5)]
    sweeps.sizes.clear()
    together = answer_all((talk(r) for r in range(5)), width=5)
    assert sweeps.sizes == [5, 5, 5]
    for ours, theirs in zip(together, alone, strict=True):
        for mine, other in zip(ours, theirs, strict=True):
            close(mine, other)


def test_who_has_finished_costs_nothing_and_who_waits_comes_in(sweeps):
    stack = family()
    theta = parameters(stack)

    def talk(r, times):
        return asking([Evaluate(stack.problem(r), theta[:, [r]], BASIC)] * times)

    answer_all((talk(r, r + 1) for r in range(5)), width=5)
    assert sweeps.sizes == [5, 4, 3, 2, 1]
    sweeps.sizes.clear()
    found = answer_all((talk(r, r + 1) for r in range(5)), width=2)
    assert sweeps.sizes == [2, 2, 2, 2, 2, 2, 1, 1, 1]
    assert [len(replies) for replies in found] == [1, 2, 3, 4, 5]


def test_a_conversation_begins_when_there_is_room_and_not_before():
    begun, stack = [], family()
    theta = parameters(stack)

    def talk(r):
        begun.append(r)
        yield Evaluate(stack.problem(r), theta[:, [r]], BASIC)
        return list(begun)

    assert answer_all((talk(r) for r in range(5)), width=2) == [[0, 1], [0, 1], [0, 1, 2, 3], [0, 1, 2, 3], [*range(5)]]


def test_what_is_cheap_is_returned_to_all_and_what_is_dear_only_to_who_asks(sweeps):
    stack = family()
    wants = [BASIC, Want.GRADIENT | Want.MARGIN, Want.GRADIENT, BASIC | Want.HESSIAN, Want.VALUE]
    theta = parameters(stack)
    answer_all((asking([Evaluate(stack.problem(r), theta[:, [r]], wants[r])]) for r in range(5)), width=5)
    assert sorted(zip(sweeps.sizes, sweeps.wants, strict=True), key=lambda pair: -pair[0]) == [
        (3, BASIC | Want.MARGIN),
        (1, BASIC | Want.HESSIAN),
        (1, Want.VALUE),
    ]


def test_other_rows_are_another_sweep(sweeps):
    """Another stride, another source: never in one stack."""
    stack, other = family(2), family(2)
    theta = parameters(stack)
    requests = [
        Evaluate(stack.problem(0), theta[:, [0]], Want.GRAM),
        Evaluate(stack.problem(1), theta[:, [1]], Want.GRAM, 2),
        Evaluate(other.problem(1), theta[:, [1]], Want.GRAM),
    ]
    replies = answer_all((asking([request]) for request in requests), width=9)
    assert sweeps.sizes == [1, 1, 1]
    for request, (reply,) in zip(requests, replies, strict=True):
        close(reply, request.reply(), 0.0)


def test_a_kept_gradient_holds_no_memory_of_the_others():
    stack = family()
    theta = parameters(stack)
    found = answer_all((asking([Evaluate(stack.problem(r), theta[:, [r]], BASIC)]) for r in range(5)), width=5)
    for (sums,) in found:
        assert sums.gradient.base is None
        assert sums.gradient.flags.c_contiguous


def test_a_single_conversation_among_many_has_the_bits_that_it_has_alone():
    stack = family()
    theta = parameters(stack)

    def talk(r):
        return asking([Evaluate(stack.problem(r), theta[:, [r]], ALL_BUT_HESSIAN)])

    for r, (reply,) in enumerate(answer_all((talk(r) for r in range(5)), width=1)):
        close(reply, answer(talk(r))[0], 0.0)


@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_change_no_bit_of_a_stack(n_threads):
    stack = family()
    theta = parameters(stack)

    def talk(stack, r):
        return asking([Evaluate(stack.problem(r), theta[:, [r]], EVERYTHING)])

    one, many = (
        answer_all((talk(each, r) for r in range(5)), width=5) for each in (stack, replace(stack, n_threads=n_threads))
    )
    for (ours,), (theirs,) in zip(one, many, strict=True):
        close(ours, theirs, 0.0)


def test_a_problem_that_overflows_spoils_no_other():
    stack = family()
    theta = parameters(stack)
    far = theta.copy()
    far[:, 0] *= 1e308

    def talk(theta, r):
        return asking([Evaluate(stack.problem(r), theta[:, [r]], BASIC | Want.HESSIAN)])

    spoilt, sound = (answer_all((talk(point, r) for r in range(5)), width=5) for point in (far, theta))
    assert not np.isfinite(spoilt[0][0].value[0])
    for (ours,), (theirs,) in zip(spoilt[1:], sound[1:], strict=True):
        close(ours, theirs, 0.0)


def test_nobody_asking_is_nothing_to_answer():
    assert answer_all(iter(()), width=3) == []
    assert answer_all((asking([]) for _ in range(4)), width=3) == [[], [], [], []]


def test_an_error_in_a_conversation_is_raised():
    stack = family(2)

    def talk():
        yield Evaluate(stack.problem(0), parameters(stack)[:, [0]], BASIC)
        raise RuntimeError("after the first reply")

    with pytest.raises(RuntimeError, match="after the first reply"):
        answer(talk())
    with pytest.raises(RuntimeError, match="after the first reply"):
        answer_all((talk() for _ in range(2)), width=2)


@settings(max_examples=30, deadline=None)
@given(
    plans=st.lists(
        st.lists(
            st.tuples(st.sampled_from(["value", "basic", "hessian", "gram", "product"]), st.integers(0, 2)), max_size=4
        ),
        min_size=1,
        max_size=5,
    ),
    width=st.integers(1, 6),
)
def test_company_changes_no_answer(plans, width):
    """Whatever the problems ask for, and when: every reply is that of the problem alone, but for rounding."""
    stack = family()
    points = [parameters(stack, seed=s) for s in range(3)]
    wants = {"value": Want.VALUE, "basic": BASIC, "hessian": BASIC | Want.HESSIAN, "gram": Want.GRAM}

    def request(r, kind, s):
        here = points[s][:, [r]]
        view = stack.problem(r)
        return Product(view, here, points[0][:, [r]]) if kind == "product" else Evaluate(view, here, wants[kind])

    found = answer_all((asking([request(r, *ask) for ask in plan]) for r, plan in enumerate(plans)), width)
    for r, (plan, replies) in enumerate(zip(plans, found, strict=True)):
        for ask, reply in zip(plan, replies, strict=True):
            close(reply, request(r, *ask).reply())
