import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from table.models import SOURCE, fitted, frame, trained, with_labels

from multilogit import io
from multilogit._files import container
from multilogit.errors import ModelFileError


@pytest.fixture(scope="module")
def model():
    return trained()


@pytest.fixture(scope="module")
def data(model):
    return io.dumps(model)


def with_words(**options):
    """A model of the words "bird0" to "bird6" beside the other columns."""
    notes = [f"saw bird{row % 7} singing near the river, ring {row}" for row in range(60)]
    return fitted(frame(note=notes), C=1.0, holdout="none", **options).model


def altered(data, change, **arrays):
    """The bytes of a model file whose header and arrays were changed, under a right checksum."""
    header, old = container.unpack(data)
    change(header)
    return container.pack(header, old | arrays)


def same(_):
    """Leave the header as it is."""


def test_predictions_are_the_same_bits(model, data):
    first, again = model.predict(frame()), io.loads(data).predict(frame())
    assert again.probabilities.tobytes() == first.probabilities.tobytes()
    np.testing.assert_array_equal(again.labels, first.labels, strict=True)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"C": np.inf},
        {"C": np.inf, "references": {"place": "south"}},
        {"holdout": "none"},
        {"holdout": 0.25, "C": 2.0},
        {"columns": {"place": "drop"}, "C": 1.0},
        {"weights": "length", "groups": "place", "C": 1.0, "holdout": "none"},
        {"products": (("length", "tagged"), ("length", "place")), "C": 1.0},
        {"missing_marks": ("", "-"), "seed": 7, "C": 1.0},
    ],
    ids=str,
)
def test_everything_comes_back(options):
    first = trained(**options)
    again = io.loads(io.dumps(first))
    assert again.schema == first.schema
    assert again.record == first.record
    for name in ("coef_", "intercept_", "centre_", "centred_intercept_", "classes_", "n_iter_"):
        np.testing.assert_array_equal(getattr(again.estimator, name), getattr(first.estimator, name), strict=True)
    assert again.estimator.C == first.estimator.C
    assert again.estimator.solver_ == first.estimator.solver_
    assert again.estimator.n_features_in_ == first.estimator.n_features_in_
    plain = {"direction": None}
    assert replace(again.estimator.certificate_, **plain) == replace(first.estimator.certificate_, **plain)


@pytest.mark.parametrize(
    "labels",
    [["a", "é", "日本"], [3, 1, -2], [True, False], [0.5, 2.0], ["only", "two"], [2**62, 2**62 + 1, 0]],
    ids=str,
)
def test_labels_keep_their_type(labels):
    first = with_labels(labels) if not isinstance(labels[0], float) else with_float_labels(labels)
    again = io.loads(io.dumps(first))
    assert again.estimator.classes_.dtype == first.estimator.classes_.dtype
    assert again.estimator.classes_.tolist() == sorted(labels)
    np.testing.assert_array_equal(again.predict(frame()).labels, first.predict(frame()).labels, strict=True)


def with_float_labels(labels):
    """Fractional labels, which a table refuses and an estimator may hold."""
    first = with_labels([1.0, 2.0])
    first.estimator.classes_ = np.array(labels)
    return first


def test_the_same_model_gives_the_same_bytes(data):
    assert io.dumps(trained()) == data
    assert io.dumps(io.loads(data)) == data


def test_a_direction_of_separation_is_kept(model):
    direction = np.arange(18.0).reshape(3, 6)
    model = replace(model)
    estimator = io.loads(io.dumps(model)).estimator
    estimator.certificate_ = replace(estimator.certificate_, separated=(("low", "top"),), direction=direction)
    again = io.loads(io.dumps(replace(model, estimator=estimator))).estimator.certificate_
    np.testing.assert_array_equal(again.direction, direction, strict=True)
    assert again.separated == (("low", "top"),)


def test_a_class_that_had_no_weight_is_kept(model):
    estimator = io.loads(io.dumps(model)).estimator
    estimator.intercept_[1] = estimator.centred_intercept_[1] = -np.inf
    again = io.loads(io.dumps(replace(model, estimator=estimator))).estimator
    assert again.intercept_[1] == -np.inf


def test_save_and_load(tmp_path, model, data):
    path = tmp_path / "m.multilogit"
    io.save(model, path)
    assert path.read_bytes() == data
    assert io.load(str(path)).record.source == SOURCE
    assert dict(io.written_by(path)).keys() == {"multilogit", "python", "numpy", "scikit-learn"}


def test_errors_name_the_file(tmp_path, data):
    path = tmp_path / "m.multilogit"
    with pytest.raises(FileNotFoundError):
        io.load(path)
    path.write_bytes(data[:-1])
    with pytest.raises(
        ModelFileError, match=r"m\.multilogit: the model file has .* bytes, and .*train the model again"
    ):
        io.load(path)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(ModelFileError, match=r"m\.multilogit: the model file is damaged.*train the model again"):
        io.load(path)
    path.write_bytes(b"species,sex\n")
    with pytest.raises(ModelFileError, match="not a model file"):
        io.load(path)


def test_a_huge_header_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "m.multilogit"
    with path.open("wb") as file:
        file.write((2**40).to_bytes(8, "little"))
        file.truncate(2**41)
    with pytest.raises(ModelFileError, match="not a model file"):
        io.load(path)


def test_the_words_of_a_text_are_arrays():
    first = with_words()
    header, arrays = container.unpack(io.dumps(first))
    j = [column.name for column in first.schema.columns].index("note")
    column = first.schema.columns[j]
    assert len(column.words) > 10
    assert (header["schema"]["columns"][j]["words"], header["schema"]["columns"][j]["idf"]) == ([], [])
    assert arrays[f"words_{j}"].dtype == np.uint8
    assert arrays[f"words_{j}"].tobytes().decode().split("\n") == list(column.words)
    assert arrays[f"idf_{j}"].tolist() == list(column.idf)


def test_a_model_of_words_comes_back():
    first = with_words()
    again = io.loads(io.dumps(first))
    assert again.schema == first.schema
    notes = frame(note=["saw bird3", "river", "nothing known"] * 20)
    assert again.predict(notes).probabilities.tobytes() == first.predict(notes).probabilities.tobytes()
    assert io.dumps(again) == io.dumps(first)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda header: header.update(version=2), r"of version 2, and this program reads version 1"),
        (lambda header: header.update(version="1"), r"of version '1'"),
        (lambda header: header.update(format="other"), r"not a model file"),
        (lambda header: header.pop("schema"), r"lacks \['schema'\]"),
        (lambda header: header.update(extra=1), r"unknown \['extra'\]"),
        (lambda header: header["schema"].pop("target"), r"header\.schema lacks"),
        (lambda header: header["schema"]["columns"][0].update({"is": "Script"}), r"columns\[0\] is"),
        (lambda header: header["schema"]["columns"].append(header["schema"]["columns"][0]), r"must differ"),
        (lambda header: header["schema"]["columns"].pop(), r"shapes"),
        (lambda header: header["schema"]["columns"][1]["levels"].append("north"), r"must differ"),
        (lambda header: header["classes"]["values"].pop(), r"one count of rows per class"),
        (lambda header: header["record"]["class_counts"].pop(), r"one count of rows per class"),
        (lambda header: header["record"]["prior"].pop(), r"one count of rows per class"),
        (lambda header: header["classes"].update(values=["low", "low", "top"]), r"must differ"),
        (lambda header: header["classes"].update(values=["low", "mid", 3]), r"classes\.values"),
        (lambda header: header["classes"].update(dtype="int64"), r"not of their type 'int64'"),
        (lambda header: header["classes"].update(dtype="bool"), r"not of their type 'bool'"),
        (lambda header: header["classes"].update(dtype="os.system"), r"not of their type 'os\.system'"),
        (lambda header: header["classes"].update(dtype="datetime64[s]"), r"not of their type"),
        (lambda header: header["certificate"].update(status="FINE"), r"certificate\.status"),
        (lambda header: header["record"].update(rows_used=1.5), r"record\.rows_used is 1\.5, expected int"),
    ],
)
def test_headers_that_do_not_hold_together(data, change, sentence):
    with pytest.raises(ModelFileError, match=sentence):
        io.loads(altered(data, change))


@pytest.mark.parametrize(
    "arrays",
    [
        {"coef": np.zeros((3, 4))},
        {"coef": np.zeros(15)},
        {"intercept": np.zeros(2)},
        {"centre": np.zeros((5, 1))},
        {"more": np.zeros(1)},
        {"direction": np.zeros((3, 5))},
    ],
)
def test_arrays_of_another_shape(data, arrays):
    with pytest.raises(ModelFileError, match="shapes"):
        io.loads(altered(data, same, **arrays))


def test_a_missing_array(data):
    header, arrays = container.unpack(data)
    arrays.pop("centre")
    with pytest.raises(ModelFileError, match="shapes"):
        io.loads(container.pack(header, arrays))


@pytest.mark.parametrize(
    ("name", "value"),
    [("coef", np.nan), ("coef", np.inf), ("intercept", np.nan), ("centre", -np.inf), ("centred_intercept", np.nan)],
)
def test_numbers_that_are_not_finite(data, name, value):
    _, arrays = container.unpack(data)
    arrays[name].flat[-1] = value
    with pytest.raises(ModelFileError, match=f"'{name}' holds numbers that are not finite"):
        io.loads(altered(data, same, **{name: arrays[name]}))


def test_a_model_with_nan_is_not_written(model):
    estimator = io.loads(io.dumps(model)).estimator
    estimator.coef_[0, 0] = np.nan
    with pytest.raises(ModelFileError, match="'coef' holds numbers that are not finite"):
        io.dumps(replace(model, estimator=estimator))


def test_labels_that_cannot_be_stored(model):
    estimator = io.loads(io.dumps(model)).estimator
    estimator.classes_ = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="datetime64[D]")
    with pytest.raises(ModelFileError, match="datetime64"):
        io.dumps(replace(model, estimator=estimator))


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_is_unpickled(tmp_path, protocol):
    path, sprung = tmp_path / "m.multilogit", tmp_path / "sprung"
    path.write_bytes(pickle.dumps(Trap(sprung), protocol))
    with pytest.raises(ModelFileError, match="not a model file"):
        io.load(path)
    assert not sprung.exists()
    pickle.loads(path.read_bytes())
    assert sprung.exists()


def test_a_model_is_known_by_its_beginning(data, tmp_path):
    path = tmp_path / "m"
    for content, expected in ((data, True), (data[:-9], True), (b"", False), (b"x,y\n1,2\n" * 20, False)):
        path.write_bytes(content)
        assert io.begins_as_model(path) is expected
