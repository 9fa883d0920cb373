"""A solver is a conversation: it yields requests and is sent the answers; who answers decides how many sweeps it costs.

`answer` serves one conversation. `answer_all` serves many at once: what several of them ask of the same rows is
answered by one sweep over the stack of their problems, each gets its own part, and who has finished costs nothing
any more. A conversation never notices the difference.
"""

from collections.abc import Generator, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from multilogit._arrays import Float64
from multilogit._objective.softmax_regression import SoftmaxRegression
from multilogit._objective.sums import Sums, Want

__all__ = ["Conversation", "Evaluate", "Product", "Request", "answer", "answer_all"]

T = TypeVar("T")

# Parts beside a gradient that cost no more than a few numbers per row: one sweep may as well return them to all.
_CHEAP = Want.CLASS_SUMS | Want.MARGIN


class Evaluate(NamedTuple):
    """Asks for the `Sums` of one problem at ``theta`` (D', 1, K'), over every ``stride``-th row."""

    objective: SoftmaxRegression
    theta: Float64
    want: Want
    stride: int = 1

    def reply(self) -> Sums:
        """Return the sums; a point so far away that they overflow has infinite ones, and is judged by them."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.objective.sampled(self.stride).evaluate(self.theta, self.want)

    @property
    def company(self) -> tuple[object, ...]:
        """What requests that one sweep can answer have in common."""
        return (Evaluate, *_rows(self.objective), self.stride, _dear(self.want))

    @staticmethod
    def together(requests: Sequence["Evaluate"]) -> list[Sums]:
        """Return the replies to requests of one company."""
        want = requests[0].want
        for request in requests:
            want |= request.want
        stack = SoftmaxRegression.stacked([request.objective for request in requests])
        theta = np.concatenate([request.theta for request in requests], axis=1)
        sums = Evaluate(stack, theta, want, requests[0].stride).reply()
        return [sums.problem(r) for r in range(len(requests))]


class Product(NamedTuple):
    """Asks for the Hessian of one problem at ``theta`` times V, both (D', 1, K')."""

    objective: SoftmaxRegression
    theta: Float64
    V: Float64

    def reply(self) -> Float64:
        """Return the product, of theta's shape."""
        return self.objective.hvp(self.theta, self.V)

    @property
    def company(self) -> tuple[object, ...]:
        """What requests that one sweep can answer have in common."""
        return (Product, *_rows(self.objective))

    @staticmethod
    def together(requests: Sequence["Product"]) -> list[Float64]:
        """Return the replies to requests of one company."""
        stack = SoftmaxRegression.stacked([request.objective for request in requests])
        theta = np.concatenate([request.theta for request in requests], axis=1)
        products = stack.hvp(theta, np.concatenate([request.V for request in requests], axis=1))
        return [products[:, r : r + 1].copy() for r in range(len(requests))]


Request: TypeAlias = Evaluate | Product
Conversation: TypeAlias = Generator[Request, Any, T]


def _rows(objective: SoftmaxRegression) -> tuple[object, ...]:
    """Return what the problems of one stack share: the source itself and the form of the parameters."""
    layout = objective.layout
    return id(objective.source), layout.n_features, layout.n_classes, layout.fit_intercept, objective.single


@cache
def _dear(want: Want) -> Want:
    return want & ~_CHEAP if Want.GRADIENT in want else want


def answer(conversation: Conversation[T]) -> T:
    """Answer every request of one conversation and return its result."""
    reply = None
    while True:
        try:
            request = conversation.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        reply = request.reply()


def answer_all(conversations: Iterable[Conversation[T]], width: int) -> list[T]:
    """Answer many conversations at once and return their results in order.

    At most ``width`` are under way at any time: the next one begins when one has finished, so the iterable may
    make them as they are asked for, and only those under way take memory.
    """
    waiting, results = enumerate(conversations), dict[int, T]()
    live: list[tuple[int, Conversation[T], Request]] = []
    while True:
        while len(live) < width and (following := next(waiting, None)) is not None:
            _continue(*following, None, live, results)
        if not live:
            return [results[index] for index in sorted(results)]
        replies = _replies([request for _, _, request in live])
        spoken, live = live, []
        for (index, conversation, _), reply in zip(spoken, replies, strict=True):
            _continue(index, conversation, reply, live, results)


def _continue(
    index: int,
    conversation: Conversation[T],
    reply: Any,
    live: list[tuple[int, Conversation[T], Request]],
    results: dict[int, T],
) -> None:
    """Send a reply; note the next request, or the result."""
    try:
        live.append((index, conversation, conversation.send(reply)))
    except StopIteration as end:
        results[index] = end.value


def _replies(requests: Sequence[Request]) -> list[Any]:
    """Return the reply to each request, by one sweep per company."""
    companies: dict[tuple[object, ...], list[int]] = {}
    for index, request in enumerate(requests):
        companies.setdefault(request.company, []).append(index)
    replies: list[Any] = [None] * len(requests)
    for members in companies.values():
        chosen: list[Any] = [requests[index] for index in members]
        answers = type(chosen[0]).together(chosen) if len(chosen) > 1 else [chosen[0].reply()]
        for index, reply in zip(members, answers, strict=True):
            replies[index] = reply
    return replies
