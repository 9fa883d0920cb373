"""Training runs of Keras, step by step, that our networks are compared with.

``KERAS_BACKEND=torch python tests/networks/keras_reference.py`` writes ``keras_reference.json`` beside it. The stored
file was made with Keras 3.15.1 on torch 2.13.0 (CPU). Keras is imported inside functions alone, because pytest
collects this file where Keras is not installed. Runs are in float64 and never shuffled, so that they have one answer.

The layout of the file:

- ``versions``: of keras, torch and numpy; ``data``: the arrays by name, nested lists. ``X`` (37, 5) and
  ``sample_weight`` (37,) go with one of the targets ``labels`` (37,), ``labels_column`` (37, 1), ``onehot`` (37, 3),
  ``soft`` (37, 3) rows of sum 1, ``real`` (37, 3), ``real_column`` (37, 1), ``real_flat`` (37,), ``binary_pair``
  (37, 2), ``binary_column`` (37, 1) and ``binary_flat`` (37,);
- ``weights``: by widths, such as ``5-4-3``, the start: a kernel and a bias per Dense layer. A layer without bias takes
  the kernel alone;
- ``summaries``: by dtype and model, what ``summary()`` prints at width 80, with the ``layers``, the ``optimizer`` (null
  where it was not compiled; the loss is MSE) and whether it was ``fitted``;
- ``cases``: one a line.

A class with its arguments is ``[name, arguments]``: a layer, loss, optimizer, metric. A bare string is handed to
``compile`` as it stands. A case has

- ``name``, ``layers`` (after an Input of 5), ``weights`` (a key above), ``target`` (a key of ``data``);
- ``compile``: the arguments of ``compile``; an absent one is left out;
- ``fits``: the arguments of every call of ``fit``, one after the other, with ``shuffle=False`` and ``verbose=0``
  understood. Null is the default, ``sample_weight: true`` that array; ``class_weight`` has strings for keys;
  ``validation_data`` is ``{"rows": [start, stop], "weighted": bool}``, while all 37 rows are trained on;
- ``early_stopping``: the arguments of the callback ``EarlyStopping``, if there is one;

and of the results

- ``batch_losses``: ``logs["loss"]`` at every ``on_train_batch_end``, running means over the epoch, of all fits;
- ``final``: the weights afterwards, in the order of ``get_weights``;
- ``history``: ``History.history`` of the last fit, with its keys in order, and ``epoch``: its ``History.epoch``. Both
  stand only where there are metrics, validation, early stopping or ``initial_epoch``;
- ``evaluate``: ``evaluate(return_dict=True)`` and ``evaluate_list``: the same without, in batches of 10, with the
  sample weights if the last fit has them. They stand with ``history``.
"""

import json
import os
from itertools import pairwise
from pathlib import Path

import numpy as np

ROWS, FEATURES, CLASSES = 37, 5, 3
EPOCHS, BATCH = 25, 10  # 4 batches an epoch, the last of 7 rows
WIDTHS = ((5, 4, 1), (5, 4, 2), (5, 4, 3), (5, 6, 4, 3), (5, 3))

OPTIMIZERS = {
    "sgd": ["SGD", {"learning_rate": 0.1}],
    "momentum": ["SGD", {"learning_rate": 0.1, "momentum": 0.9}],
    "nesterov": ["SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}],
    "adam": ["Adam", {"learning_rate": 0.01}],
    "amsgrad": ["Adam", {"learning_rate": 0.01, "amsgrad": True}],
    "rmsprop": ["RMSprop", {"learning_rate": 0.01}],
    "rmsprop-momentum": ["RMSprop", {"learning_rate": 0.01, "momentum": 0.5, "rho": 0.8}],
    "rmsprop-centered": ["RMSprop", {"centered": True}],
}
SGD, ADAM = OPTIMIZERS["sgd"], OPTIMIZERS["adam"]
MSE, BCE = "mean_squared_error", "binary_crossentropy"
CCE, SCCE = "categorical_crossentropy", "sparse_categorical_crossentropy"
LOGITS = {"from_logits": True}

# The activation of the last layer, the loss, the target.
HEADS = {
    "linear-mse": ("linear", MSE, "real"),
    "sigmoid-mse": ("sigmoid", MSE, "soft"),
    "tanh-mse": ("tanh", MSE, "real"),
    "relu-mse": ("relu", MSE, "real"),
    "softmax-mse": ("softmax", MSE, "soft"),
    "sigmoid-bce": ("sigmoid", BCE, "binary_pair"),
    "softmax-cce": ("softmax", CCE, "onehot"),
    "softmax-cce-soft": ("softmax", CCE, "soft"),
    "softmax-scce": ("softmax", SCCE, "labels"),
    "sigmoid-cce": ("sigmoid", CCE, "onehot"),
    "softmax-bce": ("softmax", BCE, "onehot"),
    "logits-bce": ("linear", ["BinaryCrossentropy", LOGITS], "binary_pair"),
    "logits-cce": ("linear", ["CategoricalCrossentropy", LOGITS], "onehot"),
    "logits-scce": ("linear", ["SparseCategoricalCrossentropy", LOGITS], "labels"),
}


def figures(values, digits=6):
    """Round to significant digits, so that the file shows every number in full."""
    return np.vectorize(lambda value: float(f"{value:.{digits}g}"))(values)


def make_data():
    """Return the arrays by name; they are stored, so the generator matters here alone."""
    rng = np.random.default_rng(37)
    X = figures(rng.normal(size=(ROWS, FEATURES)))
    scores = X @ rng.normal(size=(FEATURES, CLASSES)) + rng.normal(size=(ROWS, CLASSES))
    soft = figures(np.exp(0.7 * scores) / np.exp(0.7 * scores).sum(axis=1, keepdims=True), 4)
    soft[:, -1] = np.round(1 - soft[:, 0] - soft[:, 1], 8)
    real = figures(0.6 + 0.25 * scores)
    pair = (X @ rng.normal(size=(FEATURES, 2)) + 1.5 * rng.normal(size=(ROWS, 2)) > 0).astype(int)
    labels = scores.argmax(axis=1)
    return {
        "X": X,
        "sample_weight": figures(rng.uniform(0.2, 2.0, size=ROWS)),
        "labels": labels,
        "labels_column": labels[:, None],
        "onehot": np.eye(CLASSES, dtype=int)[labels],
        "soft": soft,
        "real": real,
        "real_column": real[:, :1],
        "real_flat": real[:, 0],
        "binary_pair": pair,
        "binary_column": pair[:, :1],
        "binary_flat": pair[:, 0],
    }


def make_weights():
    """Return the start by widths: moderate kernels, biases above zero to keep rectified units alive."""
    rng = np.random.default_rng(73)
    start = {}
    for widths in WIDTHS:
        shapes = [shape for into, out in pairwise(widths) for shape in ((into, out), (out,))]
        start["-".join(map(str, widths))] = [
            figures(rng.uniform(-0.8, 0.8, shape) if len(shape) == 2 else rng.uniform(0.05, 0.4, shape))
            for shape in shapes
        ]
    return start


def dense(units, activation=None, **more):
    """Return the layer as the file has it."""
    return ["Dense", {"units": units} | ({"activation": activation} if activation else {}) | more]


def units_of(target):
    """Return the width of the output that goes with a target."""
    if target.startswith(("binary", "real_")):
        return 2 if target == "binary_pair" else 1
    return CLASSES


def case(name, layers, target, loss, optimizer=SGD, fit=None, fits=None, early=None, **more):
    """Return a case without results; ``more`` goes to ``compile``, ``fit`` on top of the usual epochs and batches."""
    if isinstance(layers, str):
        layers = [dense(4, "tanh"), dense(units_of(target), layers)]
    usual = {"epochs": EPOCHS, "batch_size": BATCH}
    widths = [FEATURES] + [arguments["units"] for kind, arguments in layers if kind == "Dense"]
    compiled = {"loss": loss} | ({"optimizer": optimizer} if optimizer else {}) | more
    return {
        "name": name,
        "layers": layers,
        "weights": "-".join(map(str, widths)),
        "target": target,
        "compile": compiled,
        "fits": [usual | change for change in (fits or [fit or {}])],
    } | ({"early_stopping": early} if early else {})


def crossed_cases():
    """Yield every optimizer with every head, then every hidden activation, then the optimizers by name."""
    for name, optimizer in OPTIMIZERS.items():
        for head, (activation, loss, target) in HEADS.items():
            yield case(f"{name}/{head}", activation, target, loss, optimizer)
    for hidden in ("linear", "sigmoid", "tanh", "relu", "softmax"):
        for name in ("sgd", "nesterov", "adam", "rmsprop"):
            layers = [dense(6, hidden), dense(4, hidden), dense(3, "softmax")]
            yield case(f"hidden-{hidden}/{name}", layers, "soft", CCE, OPTIMIZERS[name])
    for name in ("sgd", "adam", "rmsprop", None):
        yield case(f"default-{name}", "softmax", "onehot", CCE, name)
        yield case(f"default-{name}/mse", "linear", "real", MSE, name, fit={"batch_size": None})


def layer_cases():
    """Yield other shapes of the same: layers apart, no bias, one layer, targets of other ranks, other batches."""
    sigmoid = ["Activation", {"activation": "sigmoid"}]
    apart = [dense(6), ["Activation", {"activation": "tanh"}], ["Dropout", {"rate": 0.0}], dense(4)]
    apart += [sigmoid, dense(3), ["Activation", {"activation": "softmax"}]]
    twice = [dense(4, "tanh"), sigmoid, dense(3, "softmax"), sigmoid]
    bare = [dense(4, "tanh", use_bias=False), dense(3, "softmax", use_bias=False)]
    for name in ("sgd", "adam"):
        optimizer = OPTIMIZERS[name]
        yield case(f"layers-apart/{name}", apart, "onehot", CCE, optimizer)
        yield case(f"activation-of-activation/{name}", twice, "soft", MSE, optimizer)
        yield case(f"no-bias/{name}", bare, "onehot", CCE, optimizer)
        yield case(f"no-bias-first/{name}", [bare[0], dense(3)], "real", MSE, optimizer)
        yield case(f"one-layer/{name}", [dense(3, "softmax")], "onehot", CCE, optimizer)
        yield case(f"rank-mse-flat/{name}", "linear", "real_flat", MSE, optimizer)
        yield case(f"rank-mse-column/{name}", "linear", "real_column", MSE, optimizer)
        yield case(f"rank-bce-flat/{name}", "sigmoid", "binary_flat", BCE, optimizer)
        yield case(f"rank-bce-column/{name}", "sigmoid", "binary_column", BCE, optimizer)
        yield case(f"rank-scce-column/{name}", "softmax", "labels_column", SCCE, optimizer)
        yield case(f"batch-1/{name}", "softmax", "onehot", CCE, optimizer, fit={"batch_size": 1, "epochs": 2})
        yield case(f"batch-64/{name}", "softmax", "onehot", CCE, optimizer, fit={"batch_size": 64})
    for name, optimizer in OPTIMIZERS.items():
        yield case(f"fit-again/{name}", "softmax", "onehot", CCE, optimizer, fits=[{"epochs": 10}, {"epochs": 8}])
    yield case("initial-epoch", "softmax", "onehot", CCE, ADAM, fit={"initial_epoch": 4, "epochs": 9})


def weighted_cases():
    """Yield weights of rows and of classes, and smoothed labels."""
    for head, (activation, loss, target) in HEADS.items():
        yield case(f"sample-weight/{head}", activation, target, loss, fit={"sample_weight": True})
    classes = {"0": 0.5, "2": 2.5}
    heads = (("softmax", CCE, "onehot"), ("softmax", SCCE, "labels"), ("softmax", SCCE, "labels_column"))
    heads += (("softmax", CCE, "soft"), ("sigmoid", BCE, "binary_column"), ("sigmoid", BCE, "binary_flat"))
    for activation, loss, target in (*heads, ("sigmoid", BCE, "binary_pair")):
        fit = {"class_weight": classes if "binary" not in target else {"0": 0.5, "1": 2.0}}
        yield case(f"class-weight/{target}-{loss}", activation, target, loss, ADAM, fit=fit, weighted_metrics=["acc"])
    smooth = {"label_smoothing": 0.1}
    for logits in ({}, LOGITS):
        name = "logits" if logits else "probabilities"
        bce, cce = ["BinaryCrossentropy", smooth | logits], ["CategoricalCrossentropy", smooth | logits]
        yield case(f"smooth-bce/{name}", "linear" if logits else "sigmoid", "binary_pair", bce, ADAM)
        yield case(f"smooth-cce/{name}", "linear" if logits else "softmax", "onehot", cce, ADAM)
    for reduction in ("sum", "mean_with_sample_weight"):
        loss, slow = ["CategoricalCrossentropy", {"reduction": reduction}], ["SGD", {"learning_rate": 0.01}]
        yield case(f"reduction-{reduction}", "softmax", "onehot", loss, slow, fit={"sample_weight": True})


def metric_cases():
    """Yield metrics in their resolutions, weighted and not, with validation."""
    held = {"validation_data": {"rows": [22, 37], "weighted": False}}
    held_weighted = {"validation_data": {"rows": [22, 37], "weighted": True}, "sample_weight": True}
    split = {"validation_split": 0.3, "sample_weight": True}
    both = {"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}
    heads = (("softmax", CCE, "onehot"), ("softmax", SCCE, "labels"), ("softmax", SCCE, "labels_column"))
    heads += (("sigmoid", BCE, "binary_column"), ("sigmoid", BCE, "binary_flat"), ("sigmoid", BCE, "binary_pair"))
    for activation, loss, target in heads:
        for name, fit in (("none", {}), ("data", held), ("weighted", held_weighted), ("split", split)):
            yield case(f"accuracy/{target}-{name}", activation, target, loss, ADAM, fit=fit, **both)
    errors = {"metrics": ["mse", "mae", "root_mean_squared_error"], "weighted_metrics": ["mae", "mean_squared_error"]}
    for target in ("real", "real_column", "real_flat"):
        yield case(f"errors/{target}", "linear", target, MSE, ADAM, fit=held_weighted, **errors)
    yield case("errors/unweighted", "linear", "real", MSE, ADAM, fit=split | {"sample_weight": False}, **errors)
    named = {"metrics": ["binary_accuracy", "acc"], "weighted_metrics": ["binary_accuracy", "binary_crossentropy"]}
    for target in ("binary_pair", "binary_column"):
        yield case(f"binary/{target}", "sigmoid", target, BCE, ADAM, fit=held_weighted, **named)
    named = {"metrics": ["acc", "categorical_accuracy", "categorical_crossentropy", "accuracy", "accuracy"]}
    yield case("names/categorical", "softmax", "onehot", CCE, ADAM, fit=held, **named)
    named = {"weighted_metrics": ["sparse_categorical_accuracy", "sparse_categorical_crossentropy", "acc"]}
    yield case("names/sparse", "softmax", "labels", SCCE, ADAM, fit=held_weighted, **named)
    threshold = {"metrics": [["BinaryAccuracy", {"threshold": 0.3}], ["BinaryAccuracy", {"name": "half"}]]}
    yield case("names/threshold", "sigmoid", "binary_pair", BCE, ADAM, fit=held, **threshold)
    yield case("resolved-loss/ce", "softmax", "labels", "ce", ADAM, metrics=["accuracy"])
    seldom = split | {"validation_freq": 4, "validation_batch_size": 4}
    yield case("validation/seldom", "softmax", "onehot", CCE, ADAM, fit=seldom, metrics=["accuracy"])


def stopping_cases():
    """Yield runs that stop early, or that would not."""
    split, fast = {"validation_split": 0.35}, ["Adam", {"learning_rate": 0.1}]
    settings = {
        "val-loss": {"patience": 3},
        "val-loss-restore": {"patience": 3, "restore_best_weights": True},
        "val-accuracy-restore": {"monitor": "val_accuracy", "patience": 4, "restore_best_weights": True},
        "patience-0": {"patience": 0},
        "patience-1": {"patience": 1},
        "warm-up": {"patience": 2, "start_from_epoch": 6, "restore_best_weights": True},
        "baseline-missed": {"patience": 4, "baseline": 0.1, "restore_best_weights": True},
        "minimum-change": {"monitor": "loss", "min_delta": 0.02, "patience": 1},
        "negative-change": {"monitor": "loss", "min_delta": -0.02, "patience": 1},
        "mode-max": {"monitor": "loss", "mode": "max", "patience": 2, "restore_best_weights": True},
        "accuracy": {"monitor": "accuracy", "patience": 2, "min_delta": 0.01},
        "never-stopped": {"monitor": "val_loss", "patience": 40, "restore_best_weights": True},
        "improving-below-baseline": {"monitor": "loss", "patience": 2, "baseline": 0.0},
    }
    for name, early in settings.items():
        optimizer = SGD if name == "improving-below-baseline" else fast
        yield case(f"stop/{name}", "softmax", "onehot", CCE, optimizer, fit=split, early=early, metrics=["accuracy"])


def made(module, spec):
    """Return what a spec of the file stands for: ``[name, arguments]`` an instance, all else itself."""
    return getattr(module, spec[0])(**spec[1]) if isinstance(spec, list) else spec


def start(layers, weights):
    """Return the initial weights of a case in the order of ``set_weights``."""
    uses = [arguments.get("use_bias", True) for kind, arguments in layers if kind == "Dense"]
    pairs = zip(uses, weights[::2], weights[1::2], strict=True)
    return [array for use, kernel, bias in pairs for array in ((kernel, bias) if use else (kernel,))]


def arguments_of(fit, data, target):
    """Return the arguments of ``fit`` that an entry of ``fits`` stands for."""
    fit = dict(fit)
    weighted = fit.pop("sample_weight", False)
    if weighted:
        fit["sample_weight"] = data["sample_weight"]
    if "class_weight" in fit:
        fit["class_weight"] = {int(label): weight for label, weight in fit["class_weight"].items()}
    if "validation_data" in fit:
        rows, names = slice(*fit["validation_data"]["rows"]), ["X", target]
        names += ["sample_weight"] if fit["validation_data"]["weighted"] else []
        fit["validation_data"] = tuple(data[name][rows] for name in names)
    return fit | {"shuffle": False, "verbose": 0}


def compile_arguments(keras, wanted):
    """Return the arguments of ``compile``, made of their specs."""
    compiled = dict(wanted["compile"])
    for key, module in (("loss", keras.losses), ("optimizer", keras.optimizers)):
        compiled[key] = made(module, compiled.get(key, "rmsprop"))  # which is the default of ``compile``
    for key in ("metrics", "weighted_metrics"):
        compiled[key] = [made(keras.metrics, metric) for metric in compiled.get(key, [])]
    return compiled


def refuse_clipped(wanted, prediction):
    """Raise where probabilities come near 0 or 1: Keras clips them at 1e-7, and no case shall depend on that."""
    spec = wanted["compile"]["loss"]
    probabilities = "MeanSquared" not in str(spec) and spec != MSE and "from_logits" not in str(spec)
    if probabilities and not 1e-5 < prediction.min() <= prediction.max() < 1 - 1e-5:
        raise ValueError(f"{wanted['name']} predicts from {prediction.min()} to {prediction.max()}.")


def run(keras, wanted, data, weights):
    """Return a case with its results."""
    keras.backend.clear_session()
    layers, losses = [made(keras.layers, layer) for layer in wanted["layers"]], []
    model = keras.Sequential([keras.Input((FEATURES,)), *layers])
    model.set_weights(start(wanted["layers"], weights[wanted["weights"]]))
    model.compile(**compile_arguments(keras, wanted))
    callbacks = [keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: losses.append(logs["loss"]))]
    if "early_stopping" in wanted:
        callbacks.append(keras.callbacks.EarlyStopping(**wanted["early_stopping"]))
    X, y = data["X"], data[wanted["target"]]
    for fit in wanted["fits"]:
        history = model.fit(X, y, callbacks=callbacks, **arguments_of(fit, data, wanted["target"]))
    refuse_clipped(wanted, model.predict(X, verbose=0))
    results = {"batch_losses": losses, "final": model.get_weights()}
    if len(history.history) > 1 or "early_stopping" in wanted or "initial_epoch" in fit:
        weight = data["sample_weight"] if fit.get("sample_weight") else None
        score = {"x": X, "y": y, "sample_weight": weight, "batch_size": BATCH, "verbose": 0}
        results |= {"history": history.history, "epoch": history.epoch}
        results["evaluate"] = model.evaluate(**score, return_dict=True)
        results["evaluate_list"] = model.evaluate(**score)
    return wanted | results


def summaries(keras):
    """Return the printed summaries by model, at width 80."""
    os.environ["COLUMNS"] = "80"
    sigmoid = ["Activation", {"activation": "sigmoid"}]
    xor = [["Input", {"shape": [2]}], dense(2), sigmoid, dense(1), sigmoid]
    drop = [["Input", {"shape": [2]}], dense(800, "relu"), ["Dropout", {"rate": 0.5}], dense(1)]
    models = {"xor": (xor, None, False), "xor-compiled": (xor, "sgd", False), "unbuilt": (xor[1:], None, False)}
    for name, optimizer in OPTIMIZERS.items():
        models[f"xor-fitted-{name}"] = (xor, optimizer, True)
    models |= {"dropout": (drop, None, False), "dropout-fitted": (drop, "adam", True)}
    long = dense(3, "tanh", use_bias=False, name="a_name_that_is_too_long_for_its_column")
    models["no-bias"] = ([xor[0], long], None, False)
    texts = {}
    for name, (layers, optimizer, fitted) in models.items():
        keras.backend.clear_session()
        model, lines = keras.Sequential([made(keras.layers, layer) for layer in layers]), []
        if optimizer:
            model.compile(optimizer=made(keras.optimizers, optimizer), loss="mse")
        if fitted:
            model.fit(np.eye(2), np.eye(2)[:, :1], verbose=0)
        model.summary(print_fn=lambda text, lines=lines: lines.append(text))
        texts[name] = {"layers": layers, "optimizer": optimizer, "fitted": fitted, "text": "".join(lines)}
    return texts


def use_float64(keras):
    """Make Keras compute in float64, which on torch takes more than its setting."""
    from keras.src.backend.common import dtypes

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")  # floatx alone leaves the layers that follow in float32
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # it rounds every sum and product of float64 to float32 else


def write(path):
    """Run every case and write the file, an entry a line."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    import torch

    texts = {"float32": summaries(keras)}
    use_float64(keras)
    texts["float64"] = summaries(keras)
    data, weights = make_data(), make_weights()
    groups = (crossed_cases(), layer_cases(), weighted_cases(), metric_cases(), stopping_cases())
    cases = [run(keras, wanted, data, weights) for group in groups for wanted in group]
    versions = {"keras": keras.__version__, "torch": torch.__version__, "numpy": np.__version__}

    def text(value):
        return json.dumps(value, default=np.ndarray.tolist, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    def table(entries):
        return "{\n" + ",\n".join(f"{text(key)}:{text(value)}" for key, value in entries.items()) + "\n}"

    tables = {"data": table(data), "weights": table(weights), "summaries": table(texts)}
    parts = [f'"versions":{text(versions)}', *(f'"{name}":{entries}' for name, entries in tables.items())]
    parts.append('"cases":[\n' + ",\n".join(map(text, cases)) + "\n]")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).with_suffix(".json"))
