"""Training runs of Keras, batch by batch: see `keras_reference` for how the numbers were made."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from networks.examples import SCCE
from networks.keras_reference import BATCH, FEATURES, arguments_of, made, start
from numpy.testing import assert_allclose

from multilogit import _kernels, networks
from multilogit.networks import Callback, EarlyStopping, Input, Sequential

STORED = json.loads(Path(__file__).with_name("keras_reference.json").read_text(encoding="utf-8"))
DATA = {name: np.array(values) for name, values in STORED["data"].items()}
CASES = {case["name"]: case for case in STORED["cases"]}
LOSSES, WEIGHTS = 1e-12, 1e-9  # relative; 1e-6 was asked for


def without(case, argument, value):
    """Return a case without one of the metrics, or without an argument of its fits."""
    compiled = dict(case["compile"])
    if argument in compiled:
        compiled[argument] = [each for each in compiled[argument] if each != value]
    fits = [{name: each for name, each in fit.items() if name != argument} for fit in case["fits"]]
    return case | {"compile": compiled, "fits": fits}


def with_loss(case, loss):
    return case | {"compile": case["compile"] | {"loss": loss}}


ROOT = (r"no metric 'root_mean_squared_error'", lambda case: without(case, "metrics", "root_mean_squared_error"))
# What Keras has and this package has not: the refusal, and the same case without it, None where nothing is left.
REFUSED = {
    **{f"errors/{target}": ROOT for target in ("real", "real_column", "real_flat", "unweighted")},
    "names/threshold": (
        "'threshold'",
        lambda case: without(case, "metrics", ["BinaryAccuracy", {"threshold": 0.3}]),
    ),
    "resolved-loss/ce": ("There is no loss 'ce'", lambda case: with_loss(case, SCCE)),
    "reduction-sum": ("'reduction'", None),
    "reduction-mean_with_sample_weight": ("'reduction'", None),
}
SUPPORTED = [name for name in CASES if name not in REFUSED]
# One of every optimizer and of every head, layer, target, way to weigh, stop and measure.
SAMPLE = [
    name
    for i, name in enumerate(SUPPORTED)
    if i % 13 == 0 or name.endswith("softmax-cce") or name.startswith(("adam/", "accuracy/", "stop/"))
]


class BatchLosses(Callback):
    def __init__(self):
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])


def compiled_model(case):
    """Return the model of a case with its first weights."""
    layers = [made(networks.layers, layer) for layer in case["layers"]]
    model = Sequential([Input((FEATURES,)), *layers], dtype="float64")
    model.set_weights(start(case["layers"], STORED["weights"][case["weights"]]))
    modules = {"loss": networks.losses, "optimizer": networks.optimizers}
    arguments = {
        name: made(modules[name], value) if name in modules else [made(networks.metrics, each) for each in value]
        for name, value in case["compile"].items()
    }
    model.compile(**arguments)
    return model


def trained(case):
    """Return the model of a case after its fits, the history of the last one, and the losses of all batches."""
    model, batches = compiled_model(case), BatchLosses()
    callbacks = [batches]
    if "early_stopping" in case:
        callbacks.append(EarlyStopping(**case["early_stopping"]))
    for fit in case["fits"]:
        arguments = arguments_of(fit, DATA, case["target"])
        history = model.fit(DATA["X"], DATA[case["target"]], callbacks=callbacks, **arguments)
    return model, history, batches.losses


def assert_agrees(case):
    model, history, losses = trained(case)
    assert len(losses) == len(case["batch_losses"])
    assert_allclose(losses, case["batch_losses"], rtol=LOSSES)
    for ours, theirs in zip(model.get_weights(), case["final"], strict=True):
        assert_allclose(ours, theirs, rtol=WEIGHTS, atol=1e-12)
    if "history" in case:
        assert_recorded(case, history)
        assert_evaluated(case, model)


def assert_recorded(case, history):
    dropped = set(case["history"]) - set(history.history)
    assert dropped <= {f"{val}{name}" for val in ("", "val_") for name in dropped_names(case)}
    assert list(history.history) == [name for name in case["history"] if name not in dropped]
    assert history.epoch == case["epoch"]
    for name, values in history.history.items():
        assert_allclose(values, case["history"][name], rtol=LOSSES, err_msg=name)


def dropped_names(case):
    """Return the metrics of a case that Keras measured and we cannot."""
    asked = CASES[case["name"]]["compile"].get("metrics", [])
    left = case["compile"].get("metrics", [])
    # A metric object with arguments is named after its class, unless one of them is the name.
    names = {"BinaryAccuracy": "binary_accuracy"}
    return [each if isinstance(each, str) else names[each[0]] for each in asked if each not in left]


def assert_evaluated(case, model):
    weight = DATA["sample_weight"] if case["fits"][-1].get("sample_weight") else None
    score = {"x": DATA["X"], "y": DATA[case["target"]], "sample_weight": weight, "batch_size": BATCH, "verbose": 0}
    found = model.evaluate(**score, return_dict=True)
    assert list(found) == [name for name in case["evaluate"] if name not in dropped_names(case)]
    assert_allclose(list(found.values()), [case["evaluate"][name] for name in found], rtol=LOSSES)
    listed = model.evaluate(**score)
    assert dict(zip(["loss", *model.measures.names], np.atleast_1d(listed), strict=True)) == found
    # Keras repeats a metric in its list where two of them share a name, and adds the second at the end: we do not.
    if not dropped_names(case) and not any(re.search(r"^weighted_|_\d$", name) for name in found):
        assert_allclose(listed, case["evaluate_list"], rtol=LOSSES)


@pytest.mark.parametrize("name", SUPPORTED)
def test_a_training_agrees_with_keras_batch_by_batch(name):
    assert_agrees(CASES[name])


@pytest.mark.parametrize("name", SAMPLE)
def test_the_reference_agrees_with_keras_too(name, monkeypatch):
    monkeypatch.setattr(_kernels, "native", None)
    assert_agrees(CASES[name])


@pytest.mark.skipif(_kernels.native is None, reason="the compiled kernels are not built")
@pytest.mark.parametrize("level", _kernels.levels())
def test_every_level_of_the_kernels_agrees_with_keras(level):
    before = _kernels.native.level()
    _kernels.native.select_level(level)
    try:
        for name in SAMPLE:
            assert_agrees(CASES[name])
    finally:
        _kernels.native.select_level(before)


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_keras_has_is_refused_and_the_rest_of_the_case_agrees(name):
    sentence, remedy = REFUSED[name]
    with pytest.raises((networks.layers.InputError, TypeError), match=sentence):
        trained(CASES[name])
    if remedy is not None:
        assert_agrees(remedy(CASES[name]))


def test_the_stored_runs_are_those_that_were_asked_for():
    """Every optimizer, activation and loss over 100 steps, by the name of the case."""
    assert len(CASES) == len(STORED["cases"]) > 240
    crossed = [name for name in CASES if re.fullmatch(r"(sgd|momentum|nesterov|adam|amsgrad|rmsprop.*)/.+", name)]
    assert len(crossed) == 8 * 14
    assert all(len(CASES[name]["batch_losses"]) == 100 for name in crossed)
    assert set(REFUSED) < set(CASES)
