"""Training networks: the works, the adapters, the turns; of the rivals those that are installed."""

from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.networks import measure as networks
from benchmarks.networks.keras_shaped import keras_shaped
from benchmarks.networks.works import WORKS, Task, find
from benchmarks.process import RunError, run

PACKAGES = {"multilogit": ("multilogit.networks",), "sklearn-mlp": ("sklearn",), "keras": ("keras", "torch")}
CASES = [
    (rival, work.name, dtype)
    for rival in networks.RIVALS
    for work in WORKS[:2]
    for dtype in work.dtypes
    if rival not in work.excluded
]


def available(rival):
    """Skip what is not installed, without importing it: Keras takes over the standard error of the process."""
    for package in PACKAGES.get(rival, (rival,)):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


@pytest.mark.parametrize(("rival", "work", "dtype"), CASES)
def test_every_library_takes_the_same_steps_and_learns(rival, work, dtype):
    available(rival)
    job = {"kind": "network", "work": work, "rival": rival, "dtype": dtype, "quick": True}
    (found,) = run(job, threads=1, limit=120)
    small = find(work, quick=True)
    epochs = small.sampled.get(rival, small.epochs)
    assert found["steps"] == epochs * small.batches
    assert (found["measured_epochs"], found["epochs"]) == (epochs, small.epochs)
    assert 0 < found["seconds"] < 60
    assert ("compile_seconds" in found) == (rival == "jax")
    if work == "digits":
        assert 1.5 < found["loss"] < np.log(10)
    else:
        assert 0.2 < found["loss"] < 0.4


def test_the_works_are_the_stated_ones():
    assert [(work.rows, work.hidden, work.epochs * work.batches) for work in WORKS] == [
        (4, 2, 100_000),
        (1_797, 64, 450),
        (60_000, 128, 469),
    ]
    assert [work.task(work.dtypes[-1], "").sizes for work in WORKS[:2]] == [(2, 2, 1), (64, 64, 10)]
    task = find("mnist_sized", quick=True).task("float32", "torch")
    assert (task.X.shape, task.sizes, task.steps) == ((3_000, 784), (784, 128, 10), 24)
    assert (task.X.min(), task.X.max(), set(task.Y)) == (0.0, 1.0, set(range(10)))
    assert abs(task.X.std() - 0.22) < 0.01


@pytest.mark.parametrize("work", WORKS[:2], ids=lambda work: work.name)
def test_everybody_is_given_one_type(work):
    for dtype in ("float32", "float64"):
        task = work.task(dtype, "keras")
        assert task.X.dtype == task.dtype == dtype
        assert task.Y.dtype == ("int64" if work.classifies else dtype)
        assert task.X.flags.c_contiguous


def test_only_the_slow_are_sampled():
    work = find("xor", quick=False)
    epochs = [work.task("float32", rival).epochs for rival in ("multilogit", "jax", "keras", "torch")]
    assert epochs == [100_000, 100_000, 300, 2_000]


def test_a_sampled_time_is_scaled(monkeypatch):
    clock = iter([9.0, 3.0, 3.0, 3.0])
    monkeypatch.setattr(networks, "timed", lambda call: (next(clock, 3.0), call()))
    outcome = SimpleNamespace(predictions=np.full((4, 1), 0.5), steps=300)
    training = SimpleNamespace(build=lambda: None, train=lambda _: None, outcome=lambda _: outcome, note={})
    monkeypatch.setitem(networks.RIVALS, "keras", lambda task: training)
    found = networks.measure({"work": "xor", "rival": "keras", "dtype": "float32", "quick": False})
    assert found["seconds"] == pytest.approx(1_000.0)
    assert (found["loss"], found["steps"], found["samples"]) == (0.25, 300, 1)


def test_the_loss_is_that_of_the_predictions():
    digits = Task(find("digits", quick=True), np.zeros((2, 3)), np.array([0, 2]), 1)
    assert digits.loss(np.array([[0.5, 0.25, 0.25], [0.0, 0.75, 0.25]])) == pytest.approx(1.5 * np.log(2))
    gone = digits.loss(np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], dtype=np.float32))
    assert gone == pytest.approx(-np.log(np.finfo(np.float32).tiny) / 2)
    xor = find("xor", quick=True).task("float32", "")
    assert xor.loss(np.array([[0.0], [1.0], [1.0], [0.5]])) == 0.0625


def test_keras_and_multilogit_are_given_the_same_lines():
    said = []

    class Sequential:
        def __init__(self, layers):
            said.append(layers)

        def compile(self, *, optimizer, loss):
            said.append((optimizer, loss))

        def fit(self, x, y, **how):
            said.append((x.shape, y.shape, how))
            return SimpleNamespace(history={"loss": [1.0] * how["epochs"]})

        def predict(self, x, verbose):
            return np.full((len(x), 10), 0.1)

    names = ("Input", "Dense", "Adam")
    module = SimpleNamespace(**{name: lambda *a, name=name, **b: (name, *a, *b.values()) for name in names})
    task = replace(find("digits", quick=False), epochs=7).task("float32", "keras")
    training = keras_shaped(task, Sequential, module, module, said.append)
    outcome = training.outcome(training.train(training.build()))
    assert said == [
        0,
        [("Input", (64,)), ("Dense", 64, "relu"), ("Dense", 10, "softmax")],
        (("Adam", 0.001), "sparse_categorical_crossentropy"),
        ((1797, 64), (1797,), {"verbose": 0, "batch_size": 200, "epochs": 7, "shuffle": True}),
    ]
    assert (outcome.steps, outcome.predictions.shape) == (63, (1797, 10))


def test_the_compiled_loop_is_gradient_descent():
    pytest.importorskip("jax")
    task = replace(find("xor", quick=False), epochs=500).task("float64", "jax")
    training = networks.RIVALS["jax"](task)
    start = training.build()
    (W, b), (V, c) = [[np.array(part) for part in layer] for layer in start]
    for _ in range(500):
        hidden = 1 / (1 + np.exp(-(task.X @ W + b)))
        out = 1 / (1 + np.exp(-(hidden @ V + c)))
        R = (out - task.Y) / 2 * out * (1 - out)
        S = R @ V.T * hidden * (1 - hidden)
        V, c = V - 0.01 * hidden.T @ R, c - 0.01 * R.sum(axis=0)
        W, b = W - 0.01 * task.X.T @ S, b - 0.01 * S.sum(axis=0)
    found = training.train(start)
    for ours, theirs in zip((W, b, V, c), (*found[0], *found[1]), strict=True):
        assert np.abs(ours - theirs).max() < 1e-13


def test_the_compiled_adam_is_that_of_torch(monkeypatch):
    pytest.importorskip("jax")
    torch = pytest.importorskip("torch")
    # One adds it before the bias is corrected, the other after.
    monkeypatch.setattr("benchmarks.networks.jax.EPSILON", 1e-300)
    rows = replace(find("digits", quick=False), rows=300, batch=300, epochs=40)
    task = rows.task("float64", "jax")
    training = networks.RIVALS["jax"](task)
    start = training.build()
    weights = [torch.tensor(np.array(part), requires_grad=True) for layer in start for part in layer]
    optimiser = torch.optim.Adam(weights, lr=0.001, eps=1e-300)
    X, Y = torch.from_numpy(task.X), torch.from_numpy(task.Y)
    for _ in range(40):
        optimiser.zero_grad()
        W, b, V, c = weights
        torch.nn.functional.cross_entropy((X @ W + b).relu() @ V + c, Y).backward()
        optimiser.step()
    found = training.train(start)
    for ours, theirs in zip(weights, (*found[0], *found[1]), strict=True):
        assert np.abs(ours.detach().numpy() - theirs).max() < 1e-9


def test_rows_that_a_short_batch_lacks_do_not_count():
    pytest.importorskip("jax")
    from benchmarks.networks import jax

    task = replace(find("digits", quick=True), rows=5, batch=3).task("float32", "jax")
    orders = jax._orders(task)
    assert orders.shape == (2, 3)
    assert sorted(orders.ravel()) == [-1, 0, 1, 2, 3, 4]
    parameters = jax._initialiser(task)()
    padded = jax._loss(task, parameters, task.X[[0, 1, -1]], task.Y[[0, 1, -1]], np.array([1.0, 1.0, 0.0]))
    alone = jax._loss(task, parameters, task.X[:2], task.Y[:2], np.ones(2))
    assert float(padded) == pytest.approx(float(alone), rel=1e-6)


def test_the_libraries_take_turns_and_who_failed_is_not_asked_again(monkeypatch):
    asked = []

    def run(job, *, threads, limit):
        asked.append((job["work"], job["dtype"], job["rival"], threads))
        if job["rival"] == "keras":
            raise RunError("no such module")
        return [{"seconds": 1.0}]

    monkeypatch.setattr(networks, "run", run)
    monkeypatch.setattr(networks, "thread_counts", lambda *, quick: (1, 2))
    records = networks.measure_all(("sklearn-mlp", "keras", "torch"), quick=False)
    xor = [(rival, threads) for work, _, rival, threads in asked if work == "xor"]
    assert xor == [("keras", 1), *[("torch", 1), ("torch", 2)] * networks.ROUNDS]
    assert [dtype for work, dtype, rival, _ in asked if (work, rival) == ("digits", "keras")] == ["float64", "float32"]
    assert sum(each["kind"] == "network" for each in records) == 6 + 3 * 12
    (excluded,) = [each for each in records if each["kind"] == "excluded"]
    assert (excluded["problem"], excluded["rival"]) == ("networks xor", "sklearn-mlp")
    assert {each["reason"] for each in records if each["kind"] == "failed"} == {"no such module"}
