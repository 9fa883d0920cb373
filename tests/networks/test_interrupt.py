"""Ctrl-C during a fit: answered at once, and what is left is a model after its last whole batch."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from multilogit import _kernels

needs_native = pytest.mark.skipif(_kernels.core != "native", reason="the compiled kernels are not built")
PATIENCE = 1.0  # seconds; two tenths are promised, on a machine that does nothing else

PROGRAM = """
import json, sys, time
import numpy as np
from multilogit import _kernels, networks

def article():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    layers = [networks.Dense(2, input_shape=(2,)), networks.Activation("sigmoid"),
              networks.Dense(1), networks.Activation("sigmoid")]
    return layers, x, np.array([[0], [1], [1], [0]]), 4

def wide():
    x = np.random.default_rng(0).normal(size=(20_000, 500)).astype(np.float32)
    layers = [networks.Input((500,)), networks.Dense(512, activation="tanh"), networks.Dense(10, activation="sigmoid")]
    return layers, x, (x[:, :10] > 0).astype(np.float32), 20_000

def forward(model, x):
    for W, b in zip(*[iter(model.get_weights())] * 2):
        last = W.shape[1] in (1, 10)
        x = x @ W + b
        x = 1 / (1 + np.exp(-x)) if last or len(W) == 2 else np.tanh(x)
    return x

def consistent(model, x, begun):
    history, rows = model.history, x[:50].astype(np.float32)
    return {
        "core": _kernels.core,
        "finite": all(np.isfinite(W).all() for W in model.get_weights()),
        "moved": any((W != V).any() for W, V in zip(model.get_weights(), begun)),
        "off": float(np.abs(model.predict(rows) - forward(model, rows)).max()),
        "whole": history.epoch == list(range(len(history.epoch))),
        "epochs": len(history.epoch),
        "losses": len(history.history.get("loss", [])),
        "steps": model.optimizer.iterations,
    }

networks.set_random_seed(1)
model_of, options = {"article": article, "wide": wide}[sys.argv[1]], {"verbose": 0, "shuffle": True}
layers, x, y, size = model_of()
model = networks.Sequential(layers)
model.compile(optimizer=networks.SGD(0.01), loss="mean_squared_error")
begun = model.get_weights()
print("ready", flush=True)
try:
    model.fit(x, y, epochs=10**9, batch_size=size, **options)
    print(json.dumps({"raised": False}), flush=True)
except KeyboardInterrupt:
    answered = time.monotonic()
    found = {"raised": True, "answered": answered} | consistent(model, x, begun)
    weights = model.get_weights()
    more = model.fit(x, 1 - y, epochs=1, batch_size=size, **options)
    found |= {"further": more.epoch, "steps after": model.optimizer.iterations}
    found["moved on"] = any((W != V).any() for W, V in zip(model.get_weights(), weights))
    print(json.dumps(found), flush=True)
"""


def interrupted(model, kernels, wait):
    """Return what a process says that got Ctrl-C in the middle of a fit, with the seconds until it knew."""
    environment = os.environ | {"MULTILOGIT_KERNELS": kernels}
    # Where the tests run in the background, their children would ignore Ctrl-C.
    prepare = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, model]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, **prepare) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(wait)
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            answer, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    found = json.loads(answer)
    assert found["raised"]
    return found | {"seconds": found["answered"] - sent}


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name != "posix", reason="this system has no such signals")
@pytest.mark.parametrize("kernels", [pytest.param("native", marks=needs_native), "reference"])
@pytest.mark.parametrize(("model", "wait"), [("article", 0.3), ("wide", 0.6)])
def test_ctrl_c_is_answered_at_once_and_leaves_a_model(model, wait, kernels):
    found = interrupted(model, kernels, wait)
    print(f"{model}, {kernels}: answered in {1000 * found['seconds']:.0f} ms, after {found['steps']} steps")  # noqa: T201
    assert 0 <= found["seconds"] < PATIENCE
    assert found["core"] == kernels
    assert found["finite"]
    assert found["off"] < 1e-4
    assert found["whole"]
    assert found["epochs"] == found["losses"]
    # In Python an interruption may also come after a step was counted and before its epoch was.
    assert found["steps"] - found["epochs"] in ((0,) if kernels == "native" else (0, 1))
    assert found["moved"] == (found["steps"] > 0) or kernels == "reference"
    assert found["further"] == [0]
    assert found["steps after"] == found["steps"] + 1
    assert found["moved on"]
