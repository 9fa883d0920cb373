"""Optimizers: their options, whom they belong to, and L-BFGS, which says how far it came."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
from networks.examples import (
    BINARY,
    CCE,
    CLASSES,
    LABELS,
    MSE,
    ONE_HOT,
    REAL,
    ROWS,
    SCCE,
    SOFT,
    WEIGHT,
    XOR_X,
    XOR_Y,
    X,
    network,
    refused,
    same,
    softmax_network,
    unchanged,
)
from numpy.testing import assert_allclose

from multilogit.errors import DivergenceError, InputError
from multilogit.networks import LBFGS, SGD, Adam, Dense, Dropout, RMSprop, optimizers

STEPWISE = [SGD, RMSprop, Adam]


# Keras 3's own signatures, as far as they exist here.
SIGNATURES = {
    SGD: "learning_rate=0.01, momentum=0.0, nesterov=False",
    RMSprop: "learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07, centered=False",
    Adam: "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False",
}


@pytest.mark.parametrize("kind", STEPWISE)
def test_arguments_and_defaults_are_keras_s(kind):
    parameters = list(inspect.signature(kind).parameters.values())[:-1]
    bare = ", ".join(str(each.replace(annotation=inspect.Parameter.empty)) for each in parameters)
    assert bare == SIGNATURES[kind]


@pytest.mark.parametrize("kind", STEPWISE)
def test_a_learning_rate_is_a_positive_number(kind):
    assert kind(1).learning_rate == kind(np.float32(1)).learning_rate == 1.0
    for wrong in (0, -0.1, float("nan"), float("inf"), "fast", None, True):
        refused(lambda wrong=wrong: kind(wrong), f"learning_rate must be a number, above 0. Got {wrong!r}.")
    made = kind(0.5)
    with pytest.raises(InputError, match="learning_rate must be a number, above 0"):
        made.learning_rate = -1
    assert made.learning_rate == 0.5


WRONG = {
    "momentum": (lambda: SGD(momentum=1.5), "momentum must be a number, 0 or more, at most 1. Got 1.5."),
    "negative momentum": (lambda: RMSprop(momentum=-0.1), "momentum must be a number, 0 or more, at most 1."),
    "rho": (lambda: RMSprop(rho=1.0), "rho must be a number, 0 or more, below 1. Got 1.0."),
    "beta": (lambda: Adam(beta_2=1), "beta_2 must be a number, 0 or more, below 1. Got 1."),
    "epsilon": (lambda: Adam(epsilon=0), "epsilon must be a number, above 0. Got 0."),
    "tolerance": (lambda: LBFGS(tolerance=0), "tolerance must be a number, above 0. Got 0."),
    "memory": (lambda: LBFGS(memory=0), "memory must be a whole number, 1 or more. Got 0."),
    "a typing error": (lambda: Adam(beta1=0.9), "Adam got an unexpected argument 'beta1'. Did you mean beta_1?"),
    "no argument": (lambda: SGD(zzz=1), "SGD got an unexpected argument 'zzz'. It takes learning_rate, momentum,"),
    "decay": (lambda: SGD(decay=0.1), "SGD has no decay: networks here are small and plain"),
    "clipping": (lambda: Adam(clipnorm=1.0), "Adam has no clipnorm: networks here are small and plain"),
    "averages": (lambda: RMSprop(use_ema=True), "RMSprop has no use_ema: networks here are small and plain"),
    "a rate": (lambda: LBFGS(learning_rate=0.1), "LBFGS has no learning_rate: a line search finds the length"),
    "an old rate": (lambda: LBFGS(lr=0.1), "LBFGS has no lr: a line search finds the length of its steps."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_options_that_are_out_of_range_or_do_not_exist_are_refused(wrong):
    call, sentence = WRONG[wrong]
    refused(call, sentence, TypeError if "unexpected" in sentence else InputError)


def test_an_optimizer_is_a_name_or_an_object():
    named = {"sgd": SGD, "SGD": SGD, "Adam": Adam, "RMSprop": RMSprop, "lbfgs": LBFGS, "LBFGS": LBFGS}
    assert {name: type(optimizers.get(name)) for name in named} == named
    assert (made := SGD()) is optimizers.get(made)
    refused(lambda: optimizers.get("adma"), "There is no optimizer 'adma'. Did you mean 'adam'?")
    refused(lambda: optimizers.get("zzz"), "There are 'sgd', 'rmsprop', 'adam', 'lbfgs'.")
    refused(lambda: optimizers.get(None), "An optimizer is one of 'sgd', 'rmsprop', 'adam', 'lbfgs' or an object.")
    refused(lambda: optimizers.get(SGD), "or an object. Got <class")


@pytest.mark.parametrize("kind", [*STEPWISE, LBFGS])
def test_an_optimizer_belongs_to_one_model(kind):
    optimizer = kind()
    model, other = softmax_network(optimizer=optimizer), softmax_network()
    kept = other.optimizer
    refused(lambda: other.compile(optimizer, CCE), f"This {kind.__name__} already belongs to another model")
    assert other.optimizer is kept
    model.compile(optimizer, CCE)  # its own model may be compiled with it again


def test_compiling_again_with_the_same_object_keeps_what_it_remembers(kernels):
    model = softmax_network(optimizer=Adam())
    model.fit(X, SOFT, epochs=2)
    with unchanged(model):
        model.compile(model.optimizer, CCE, metrics=["accuracy"])
    model.compile("adam", CCE)
    assert (model.optimizer.iterations, model.optimizer.slots) == (0, ())


def test_an_optimizer_that_comes_back_to_other_layers_begins_again(kernels):
    optimizer = Adam()
    model = network(Dense(CLASSES), optimizer=optimizer, loss=MSE)
    model.fit(X, REAL)
    model.compile("sgd", MSE)
    model.add(Dense(CLASSES))
    model.compile(optimizer, MSE)
    assert len(model.fit(X, REAL).epoch) == 1


CHANGED = """
import numpy as np
from multilogit import networks
for kind, option, value in (("rmsprop", "momentum", 0.5), ("rmsprop", "centered", True), ("adam", "amsgrad", True),
                            ("sgd", "momentum", 0.5), ("sgd", "nesterov", True)):
    model = networks.Sequential([networks.Input((3,)), networks.Dense(2)])
    model.compile(kind, "mse")
    model.fit(np.ones((5, 3)), np.ones((5, 2)))
    try:
        setattr(model.optimizer, option, value)
    except (AttributeError, ValueError) as error:
        assert option in str(error)
        continue
    model.fit(np.ones((5, 3)), np.ones((5, 2)))
    assert np.isfinite(model.get_weights()[0]).all()
    assert model.optimizer.iterations in (1, 2)
print("survived")
"""


def test_an_option_that_is_changed_between_two_fits_breaks_nothing():
    """In a process of its own: it may ask for memory that the first fit had no use for."""
    run = subprocess.run([sys.executable, "-c", CHANGED], capture_output=True, text=True, check=False, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (0, "survived\n", "")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_lbfgs_learns_a_small_problem_and_says_how_far_it_came(kernels, dtype):
    model = network(Dense(4, "tanh"), Dense(1, "sigmoid"), inputs=2, dtype=dtype, seed=3, optimizer=LBFGS(), loss="bce")
    assert (model.optimizer.gradient_norm, model.optimizer.converged) == (None, False)
    history = model.fit(XOR_X, XOR_Y, epochs=500)
    assert model.optimizer.converged
    assert model.optimizer.gradient_norm <= 1e-5
    assert len(history.epoch) == model.optimizer.iterations < 100
    assert (np.around(model.predict(XOR_X)) == XOR_Y).all()


PROBLEMS = {
    "mse": (Dense(2, "tanh"), Dense(CLASSES), MSE, REAL),
    "cce": (Dense(2, "sigmoid"), Dense(CLASSES, "softmax"), CCE, SOFT),
    "scce": (Dense(2, "relu"), Dense(CLASSES, "softmax"), SCCE, LABELS),
    "bce": (Dense(2, "tanh"), Dense(CLASSES, "sigmoid"), "bce", BINARY),
}


def fitted(problem, dtype="float64", **options):
    hidden, last, loss, y = PROBLEMS[problem]
    layers = (Dense(each.units, each.activation) for each in (hidden, last))
    model = network(*layers, dtype=dtype, optimizer=LBFGS(tolerance=1e-6), loss=loss)
    return model, y, model.fit(X, y, **({"epochs": 30, "sample_weight": WEIGHT} | options))


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_norm_is_that_of_the_gradient(kernels, problem, dtype):
    model, y, history = fitted(problem, dtype)
    slopes = model.gradient(X, y, WEIGHT)
    norm = max(abs(each).max() for layer in slopes.values() for each in layer)
    assert model.optimizer.gradient_norm == pytest.approx(norm, rel=1e-12 if dtype == "float64" else 1e-3)
    assert model.optimizer.converged == (norm <= 1e-6)
    assert list(history.history) == ["gradient_norm", "loss"]
    assert history.history["gradient_norm"][-1] == pytest.approx(norm, rel=1e-9 if dtype == "float64" else 1e-3)
    assert history.history["loss"][-1] == pytest.approx(model.evaluate(X, y, sample_weight=WEIGHT), rel=1e-6)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_loss_falls_with_every_step_of_lbfgs(kernels, problem):
    losses = fitted(problem)[2].history["loss"]
    assert len(losses) > 5
    assert losses == sorted(losses, reverse=True)


def test_lbfgs_finds_the_optimum_of_a_convex_problem(kernels):
    model = network(Dense(CLASSES), optimizer=LBFGS(tolerance=1e-12), loss=MSE)
    model.fit(X, REAL, epochs=200)
    design = np.column_stack([X, np.ones(ROWS)])
    expected = np.linalg.lstsq(design, REAL, rcond=None)[0]
    assert_allclose(np.vstack(model.get_weights()), expected, rtol=1e-9, atol=1e-11)
    assert model.optimizer.converged


def test_lbfgs_stops_at_once_where_there_is_nothing_to_gain(kernels):
    model = network(Dense(CLASSES), optimizer=LBFGS(tolerance=1e-9), loss=MSE)
    model.fit(X, REAL, epochs=200)
    before = model.get_weights()
    history = model.fit(X, REAL, epochs=10)
    assert history.epoch == [0]  # one epoch without a step says where it is
    assert history.history["gradient_norm"][0] <= 1e-9
    assert same(model.get_weights(), before)
    assert model.optimizer.converged


def test_the_steps_of_lbfgs_are_counted_over_its_fits(kernels):
    model = softmax_network(optimizer=LBFGS(tolerance=1e-12))
    for fits in (1, 2):
        model.fit(X, ONE_HOT, epochs=3)
        assert model.optimizer.iterations == 3 * fits


def test_lbfgs_takes_metrics_validation_and_all_rows_at_once(kernels):
    model = softmax_network(optimizer="lbfgs", metrics=["accuracy"])
    history = model.fit(X, ONE_HOT, epochs=4, batch_size=ROWS, validation_split=0.2)
    names = ["accuracy", "gradient_norm", "loss", "val_accuracy", "val_loss"]
    assert list(history.history) == names
    assert history.params["steps"] == 1
    expected = model.evaluate(X[16:], ONE_HOT[16:])
    assert_allclose([history.history["val_loss"][-1], history.history["val_accuracy"][-1]], expected, rtol=1e-12)


def test_lbfgs_refuses_batches_and_dropout():
    model = softmax_network(optimizer="lbfgs")
    with unchanged(model):
        refused(lambda: model.fit(X, SOFT, batch_size=5), "LBFGS takes all 20 rows at once. Leave batch_size out")
    dropping = network(Dropout(0.5), Dense(CLASSES), optimizer="lbfgs", loss=MSE)
    with unchanged(dropping):
        refused(lambda: dropping.fit(X, REAL), "LBFGS needs the same loss at each step, which Dropout changes.")
    never = network(Dropout(0.0), Dense(CLASSES), optimizer="lbfgs", loss=MSE)
    assert len(never.fit(X, REAL).epoch) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf])  # of which tanh makes a loss that is finite
def test_lbfgs_says_where_its_loss_or_gradient_is_not_finite(kernels, value):
    model, x = softmax_network(optimizer="lbfgs"), X.copy()
    x[7, 2] = value
    with unchanged(model), pytest.raises((InputError, DivergenceError), match=f"x has {value} in row 7, column 2"):
        model.fit(x, SOFT, epochs=5)
