"""Headers that are no model, under a right checksum: each field of another type, missing, unknown or absurd."""

import copy
import math

import numpy as np
import pytest
from forged import forged, parts
from table.models import fitted, frame

from multilogit import io
from multilogit.errors import ModelFileError
from multilogit.results import Results
from multilogit.table import TableModel


@pytest.fixture(scope="module")
def model():
    """Every kind of column, a choice of C, scores, effects and findings."""
    notes = [f"saw bird{row % 7} singing near the river, ring {row}" for row in range(60)]
    table = frame(note=notes, same=[1] * 60, weight=[1.0, 2.0] * 30)
    return fitted(table, weights="weight", products=(("place", "tagged"),)).model


@pytest.fixture(scope="module")
def content(model):
    return parts(io.dumps(model))


def places(value, path=()):
    """Yield the path of every value within a JSON value that holds no others."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not items:
        yield path
    for key, each in items:
        yield from places(each, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def answer(header, arrays):
    """The model of a file, or None where it is refused; any other exception fails the test."""
    try:
        return io.loads(forged(header, arrays))
    except ModelFileError:
        return None


def with_each(content, replacements):
    """Yield (path, replacement, answer) for the header with each of its leaves replaced by each of the values."""
    header, arrays = copy.deepcopy(content[0]), content[1]
    for path in places(header):
        *above, last = path
        holder = at(header, above)
        old = holder[last]
        for new in replacements(old):
            holder[last] = new
            yield path, new, answer(header, arrays)
        holder[last] = old


def other_types(old):
    """Values of a type that the field of a value cannot have; only what is infinite or missing may be of two types."""
    if isinstance(old, bool):
        return [{}, 7, 1.5, "true", None]
    if isinstance(old, (int, float)):
        return [{}, [], True, "7"]
    if isinstance(old, str):
        return [{}, [], *([] if old in {"inf", "-inf", "nan"} else [7, 1.5]), True, None][: 5 if old != "inf" else 3]
    return [{}, "7", True, 7] if isinstance(old, list) else [{}, True, [[]]]


def test_a_value_of_another_type_is_refused_in_every_field(content):
    counted = 0
    for path, new, found in with_each(content, other_types):
        assert found is None, (path, new)
        counted += 1
    assert counted > 500


def test_absurd_values_are_refused_or_harmless(content, model):
    """Of a right type, but beyond what a training gives: a model that is loaded all the same can be looked at."""

    def absurd(old):
        if isinstance(old, (int, float)) and not isinstance(old, bool):
            return [10**4000, -(10**30), -1, 2**63, 1e308, 0, "nan", "inf"]
        return ["", "x" * 10_000, "\ud800", "\0\n"] if isinstance(old, str) else []

    for path, new, found in with_each(content, absurd):
        assert found is None or isinstance(found, TableModel), (path, new)


def test_every_missing_key_and_every_unknown_one_is_refused(content):
    header, arrays = copy.deepcopy(content[0]), content[1]
    above = {path[:depth] for path in places(header) for depth in range(len(path))}
    objects = [at(header, path) for path in above if isinstance(at(header, path), dict)]
    assert len(objects) > 20
    for each in objects:
        for key in list(each):
            value = each.pop(key)
            assert answer(header, arrays) is None, key
            each[key] = value
        assert answer(header | {}, arrays) is not None
        each["more"] = 1
        assert answer(header, arrays) is None, each
        del each["more"]


def test_every_array_is_needed_as_it_is(content):
    header, arrays = content
    for name, array in arrays.items():
        others = {key: each for key, each in arrays.items() if key != name}
        assert answer(header, others) is None, name
        shorter = array[:-1] if array.dtype == np.float64 else array[:0]  # less of the last word is another word
        for new in (array.astype(np.float32), array.astype(np.int64), shorter, array[None], array[..., None]):
            assert answer(header, others | {name: new}) is None, (name, new.dtype, new.shape)
    assert answer(header, arrays | {"more": np.zeros(1)}) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_every_array_of_numbers_must_be_finite(content, value):
    header, arrays = content
    for name, array in arrays.items():
        if array.dtype == np.float64 and not (name.endswith("intercept") and math.isinf(value)):
            damaged = array.copy()
            damaged.flat[-1] = value
            assert answer(header, arrays | {name: damaged}) is None, name


def changed(content, change):
    header = copy.deepcopy(content[0])
    change(header)
    return header, content[1]


def column(header, kind):
    return next(each for each in header["schema"]["columns"] if each["is"] == kind)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda h: h["record"].update(class_counts=[-1, 30, 31]), "negative"),
        (lambda h: h["record"].update(rows_read=-1), "negative"),
        (lambda h: h["record"].update(left_out=[["no target", -3]]), "negative"),
        (lambda h: h["record"].update(prior=[0.5, 0.5, "nan"]), "negative"),
        (lambda h: h["record"].update(prior=[0.5, -0.5, 1.0]), "negative"),
        (lambda h: h["record"]["effects"][0]["change"].pop(), "effects"),
        (lambda h: h["record"]["choice"]["losses"].pop(), "choice"),
        (lambda h: h["record"]["choice"].update(Cs=[], losses=[]), "choice"),
        (lambda h: h["record"]["assessment"]["comparisons"].pop(), "scores of the model"),
        (lambda h: h["record"]["assessment"]["comparisons"][0].update(metric="luck"), "scores of the model"),
        (lambda h: h["record"]["assessment"]["reliability"]["right"].pop(), "reliability"),
        (lambda h: column(h, "Numeric").update(mean="nan"), "a mean"),
        (lambda h: column(h, "Numeric").update(median="inf"), "a mean"),
        (lambda h: column(h, "Numeric").update(sd=0.0), "a mean"),
        (lambda h: column(h, "Numeric").update(sd="nan"), "a mean"),
        (lambda h: h.update(C=-1.0), "a mean.* C"),
        (lambda h: h.update(C="nan"), "a mean.* C"),
        (lambda h: h.update(C=10**4000), "C is 1000"),
        (lambda h: h.update(n_iter=2**31), "iterations"),
        (lambda h: h["classes"].update(dtype="U100000000"), "not of their type 'U100000000'"),
        (lambda h: h["classes"].update(dtype="i4," * 100_000), "not of their type 'i4,i4"),
        (lambda h: h["classes"].update(values=["low", "low", "top"]), "must differ"),
        (lambda h: h["schema"].update(products=[["place", "nothing"]]), "product"),
        (lambda h: h["schema"].update(products=[["place"] * 1000]), "product"),
        (lambda h: h["schema"].update(products=[["place", "tagged"], ["place"] * 60]), "shapes"),
        (lambda h: h["schema"]["columns"].append(column(h, "Text")), "words .* are missing"),
    ],
)
def test_numbers_and_names_that_no_training_gives(content, change, sentence):
    with pytest.raises(ModelFileError, match=sentence):
        io.loads(forged(*changed(content, change)))


@pytest.mark.parametrize(
    ("words", "idf", "sentence"),
    [
        (b"a\xff\xfe", 1, "no text"),
        (b"\xed\xa0\x80", 1, "no text"),
        (b"aa\nbb", 1, "2 words"),
        (b"aa", 2, "1 words"),
        (b"aa\naa", 2, "must differ"),
        (b"\n\n", 3, "must differ"),
        (b"aa\nbb", 2, "shapes"),
    ],
)
def test_words_that_are_none(content, words, idf, sentence):
    header, arrays = content
    j = next(name.removeprefix("words_") for name in arrays if name.startswith("words_"))
    made = {f"words_{j}": np.frombuffer(words, dtype=np.uint8), f"idf_{j}": np.ones(idf)}
    with pytest.raises(ModelFileError, match=sentence):
        io.loads(forged(header, arrays | made))


def test_the_model_itself_is_no_hostile_file(content, model):
    found = io.loads(forged(*content))
    assert found.schema == model.schema
    assert repr(Results(found)) == repr(Results(model))
