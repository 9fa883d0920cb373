"""PyTorch as it is written by hand: an eager loop over shuffled batches, the loss through autograd."""

from collections.abc import Iterator
from typing import Any

from benchmarks.networks.base import SEED, Outcome, Training
from benchmarks.networks.works import Task

__all__ = ["torch_training"]


def torch_training(task: Task) -> Training:
    """Return the training by `torch.nn.Sequential`; rows and targets are tensors already."""
    import torch
    from torch import nn

    work = task.work
    D, H, K = task.sizes
    X, Y = torch.from_numpy(task.X), torch.from_numpy(task.Y)
    activation = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[work.activation]
    # The cross-entropy takes logits; its softmax is part of it.
    last = [] if work.classifies else [nn.Sigmoid()]
    loss = nn.functional.cross_entropy if work.classifies else nn.functional.mse_loss

    def build() -> Any:
        torch.manual_seed(SEED)
        net = nn.Sequential(nn.Linear(D, H), activation(), nn.Linear(H, K), *last).to(X.dtype)
        # The fused step is the fastest of the three that it has on a processor.
        return net, getattr(torch.optim, work.optimiser)(net.parameters(), lr=work.learning_rate, fused=True)

    def train(model: Any) -> Any:
        net, optimiser = model
        steps = 0
        for rows, targets in _batches(task, X, Y):
            optimiser.zero_grad()
            loss(net(rows), targets).backward()
            optimiser.step()
            steps += 1
        return net, steps

    def outcome(trained: Any) -> Outcome:
        net, steps = trained
        with torch.no_grad():
            found = net(X).softmax(dim=1) if work.classifies else net(X)
        return Outcome(found.numpy(), steps)

    return Training(build, train, outcome)


def _batches(task: Task, X: Any, Y: Any) -> Iterator[tuple[Any, Any]]:
    """Yield rows and targets of every step."""
    import torch

    for _ in range(task.epochs):
        if task.work.shuffled:
            yield from ((X[rows], Y[rows]) for rows in torch.randperm(len(X)).split(task.work.batch))
        else:
            yield X, Y
