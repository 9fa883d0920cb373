"""Networks as files: the same bits after a load, and every other file refused in words."""

import copy
import os

import numpy as np
import pytest
from forged import forged, parts
from networks.examples import SOFT, X, network, refused, same, softmax_network, xor_network
from table.models import trained

import multilogit
from multilogit import io
from multilogit.errors import ModelFileError
from multilogit.networks import Activation, Dense, Dropout, GlorotUniform, Sequential, load_model

EVERY_LAYER = (
    lambda: Dense(5, "relu", use_bias=False, name="first"),
    lambda: Dropout(0.25),
    lambda: Dense(4, kernel_initializer=GlorotUniform(seed=3)),
    lambda: Activation("tanh"),
    lambda: Dense(4, "softmax"),
)


def every_layer(dtype="float32"):
    return network(*(make() for make in EVERY_LAYER), dtype=dtype)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "small.mlogit"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Header and arrays of a network's file."""
    return parts(bytes_of(every_layer(), tmp_path_factory.mktemp("networks")))


def bytes_of(model, folder):
    model.save(folder / "made.mlogit")
    return (folder / "made.mlogit").read_bytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_comes_back_to_the_last_bit(path, dtype):
    model = every_layer(dtype)
    model.compile("adam", "categorical_crossentropy")
    model.fit(X, SOFT, epochs=3)
    model.save(path)
    again = load_model(path)
    assert same(again.get_weights(), model.get_weights())
    assert same([again.predict(X)], [model.predict(X)])
    assert (again.name, again.dtype, again.input_shape) == (model.name, dtype, (None, 3))
    assert again.lines() == model.lines()
    assert [(each.rate) for each in again.layers if isinstance(each, Dropout)] == [0.25]


def test_the_file_is_the_same_for_the_same_network(tmp_path):
    model = every_layer()
    assert bytes_of(model, tmp_path) == bytes_of(model, tmp_path)
    assert bytes_of(load_model(tmp_path / "made.mlogit"), tmp_path) == bytes_of(model, tmp_path)


def test_a_loaded_network_is_compiled_anew_and_trained_on(path):
    model = softmax_network()
    model.save(path)
    again = load_model(str(path))
    refused(lambda: again.fit(X, SOFT), "Call compile before fit")
    again.compile("sgd", "categorical_crossentropy")
    again.fit(X, SOFT)
    again.add(Dense(2))
    assert [each.name for each in again.layers] == ["dense", "dense_1", "dense_2"]


def test_weights_only_go_by_hand_between_files(path):
    model, other = xor_network(), xor_network()
    model.save(path)
    other.set_weights(load_model(path).get_weights())
    assert same(other.get_weights(), model.get_weights())


@pytest.mark.parametrize("model", [network(Activation("relu")), network(Dropout(0.5))])
def test_a_network_without_weights_is_saved_as_well(path, model):
    model.save(path)
    assert load_model(path).lines() == model.lines()


def test_a_network_that_is_not_built_is_not_saved(path):
    refused(lambda: Sequential([Dense(2)]).save(path), "The model is not built, so it has no weights to save")
    assert not path.exists()


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.hdf5", "MODEL.KERAS", "m.weights.h5"])
def test_files_of_keras_are_refused_by_name(tmp_path, name):
    path = tmp_path / name
    sentence = f"{path} names a file of Keras, which multilogit neither writes nor reads: such files can hold code."
    refused(lambda: xor_network().save(path), sentence)
    refused(lambda: load_model(path), sentence)  # before it is looked for
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_or_cannot_be_written(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none.mlogit")
    with pytest.raises(IsADirectoryError):
        xor_network().save(tmp_path)
    with pytest.raises(FileNotFoundError):
        xor_network().save(tmp_path / "none" / "model.mlogit")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_file_is_replaced_whole_or_not_at_all(path, monkeypatch, step):
    xor_network().save(path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left on device"):
        every_layer().save(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.undo()
    every_layer().save(path)
    assert load_model(path).count_params() == every_layer().count_params()


def test_every_file_that_is_cut_or_changed_is_refused(path):
    xor_network().save(path)
    data, draw = path.read_bytes(), np.random.default_rng(0)
    damaged = [data[:length] for length in range(0, len(data), 29)]
    damaged += [data + b"\0", data + data, b"", b"a,b\n1,2\n", data[::-1]]
    for place in draw.integers(len(data), size=100).tolist():
        flipped = bytearray(data)
        flipped[place] ^= 1 << int(draw.integers(8))
        damaged.append(bytes(flipped))
    for each in damaged:
        path.write_bytes(each)
        with pytest.raises(ModelFileError, match=r"small\.mlogit: "):
            load_model(path)


def test_a_table_model_is_no_network_and_a_network_no_table_model(path):
    io.save(trained(C=1.0, holdout="none"), path)
    refused(
        lambda: load_model(path),
        f"{path}: this is not a network's file, which Sequential.save writes; multilogit.load opens it.",
        ModelFileError,
    )
    xor_network().save(path)
    for load in (multilogit.load, io.load):
        refused(lambda load=load: load(path), f"{path}: this is ", ModelFileError)


def load_forged(path, header, arrays):
    path.write_bytes(forged(header, arrays))
    return load_model(path)


def test_what_the_forger_starts_from_is_a_network(path, content):
    model = load_forged(path, *content)
    assert model.lines() == every_layer().lines()


# What is changed in the header, and what is then said.
HEADERS = {
    "another program's": (lambda h: h.update(format="keras"), "this is not a network's file"),
    "no format": (lambda h: h.pop("format"), "this is not a network's file"),
    "of the future": (lambda h: h.update(version=2), "the file is of version 2, and this program reads version 1."),
    "no version": (lambda h: h.pop("version"), "the file is of version None"),
    "more than there is": (lambda h: h.update(code="import os"), "holds the unknown ['code']"),
    "less": (lambda h: h.pop("name"), "lacks ['name']"),
    "a wider layer": (lambda h: h["layers"][0].update(units=6), "the layers have "),
    "wider rows": (lambda h: h.update(inputs=4), "the layers have 64 weights, and the file holds 59"),
    "a bias more": (
        lambda h: h["layers"][0].update(use_bias=True),
        "the layers have 64 weights, and the file holds 59",
    ),
    "a layer less": (lambda h: h["layers"].pop(), "the layers have 39 weights, and the file holds 59"),
    "a huge layer": (lambda h: h["layers"][0].update(units=10**30), "and the file holds 59"),
    "no rows": (lambda h: h.update(inputs=0), "the rows must have numbers"),
    "negative rows": (lambda h: h.update(inputs=-3), "the rows must have numbers"),
    "no units": (lambda h: h["layers"][0].update(units=0), "units must be a whole number, 1 or more. Got 0."),
    "half a unit": (lambda h: h["layers"][0].update(units=4.5), "layers[0].units is 4.5, expected int"),
    "another activation": (lambda h: h["layers"][3].update(activation="gelu"), "There is no activation 'gelu'."),
    "too much dropped": (lambda h: h["layers"][1].update(rate=1.0), "rate must be a number from 0 on, below 1."),
    "no number dropped": (lambda h: h["layers"][1].update(rate="nan"), "rate must be a number from 0 on, below 1."),
    "a name twice": (lambda h: h["layers"][1].update(name="first"), "There is a layer 'first' in the model already."),
    "another kind": (lambda h: h["layers"][0].update({"is": "Lambda"}), "layers[0] is "),
    "no layers": (lambda h: h.update(layers={}), "layers is {}, expected a list"),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_no_network_has_is_refused(path, content, header):
    change, sentence = HEADERS[header]
    changed = copy.deepcopy(content[0])
    change(changed)
    with pytest.raises(ModelFileError) as raised:
        load_forged(path, changed, content[1])
    assert str(raised.value).startswith(f"{path}: ")
    assert sentence in str(raised.value)


ARRAYS = {
    "none": lambda theta: {},
    "another name": lambda theta: {"weights": theta},
    "one more": lambda theta: {"theta": theta, "more": theta},
    "too short": lambda theta: {"theta": theta[:-1]},
    "too long": lambda theta: {"theta": np.append(theta, theta[:1])},
    "of two axes": lambda theta: {"theta": theta[None]},
    "bytes": lambda theta: {"theta": np.frombuffer(theta.tobytes(), dtype=np.uint8)},
    "not finite": lambda theta: {"theta": np.append(theta[:-1], theta.dtype.type(np.nan))},
}


@pytest.mark.parametrize("arrays", ARRAYS)
def test_weights_that_do_not_fit_the_layers_are_refused(path, content, arrays):
    with pytest.raises(
        ModelFileError, match=r"small\.mlogit: (the file must hold one array|the layers have|the rows must)"
    ):
        load_forged(path, content[0], ARRAYS[arrays](content[1]["theta"]))


def test_every_value_of_the_header_must_be_of_its_type(path, content):
    for name in ("name", "inputs", "written_by"):
        for value in ({}, [], True, None, 1.5):
            with pytest.raises(ModelFileError, match=f"the header.{name} is "):
                load_forged(path, content[0] | {name: value}, content[1])


def test_nothing_is_drawn_and_nothing_random_is_used_up_by_a_load(path):
    every_layer().save(path)
    found = []
    for load in (True, False):
        multilogit.networks.set_random_seed(3)
        if load:
            load_model(path)
        found.append(Sequential([multilogit.networks.Input((3,)), Dense(2)]).get_weights())
    assert same(found[0], found[1])
