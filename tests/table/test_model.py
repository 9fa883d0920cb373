import numpy as np
import polars as pl
import pytest
from table.frames import LIBRARIES, measurements, with_gaps
from table.models import fitted, frame, trained, with_labels
from table.problems import everything

from multilogit.errors import InputError


@pytest.fixture(scope="module")
def model():
    return trained(C=1.0, holdout="none")


def test_every_row_keeps_its_place(model):
    whole, gaps = model.predict(frame()), model.predict(pl.DataFrame(with_gaps()))
    assert gaps.probabilities.shape == whole.probabilities.shape
    assert np.isfinite(gaps.probabilities).all()
    same = [row for row in range(60) if row not in {1, 4}]
    np.testing.assert_array_equal(gaps.probabilities[same], whole.probabilities[same])
    assert (gaps.probabilities[[1, 4]] != whole.probabilities[[1, 4]]).all()
    assert [(each.column, each.rows, each.first_row) for each in gaps.novelties] == [("length", 1, 2), ("place", 2, 2)]


def test_labels_are_the_most_probable_classes(model):
    found = model.predict(frame())
    assert found.classes.tolist() == ["low", "mid", "top"]
    assert found.names == ("p_low", "p_mid", "p_top")
    assert found.labels.tolist() == found.classes[found.probabilities.argmax(axis=1)].tolist()
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, rtol=1e-14)


def test_the_target_is_not_needed(model):
    np.testing.assert_array_equal(
        model.predict(frame().drop("kind")).probabilities, model.predict(frame()).probabilities
    )


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_gives_the_same_predictions(model, library):
    found = model.predict(LIBRARIES[library](measurements()))
    np.testing.assert_array_equal(found.probabilities, model.predict(frame()).probabilities)


def test_a_level_that_training_never_saw_is_predicted_and_told(model):
    found = model.predict(frame(place=["east"] * 60))
    assert np.isfinite(found.probabilities).all()
    assert [(each.column, each.rows, each.value) for each in found.novelties] == [("place", 60, "east")]


def test_no_rows_have_no_predictions(model):
    assert model.predict(frame()[:0]).probabilities.shape == (0, 3)
    words = fitted(pl.DataFrame(everything()), C=1.0, holdout="none").model
    found = words.predict(pl.DataFrame(everything())[:0])
    assert (found.probabilities.shape, len(found.labels)) == ((0, 3), 0)


def test_a_row_is_predicted_alike_alone_and_among_others():
    table = pl.DataFrame(everything())
    model = fitted(table, C=1.0, holdout="none").model
    whole = model.predict(table).probabilities
    for row in (0, 7, 89):
        np.testing.assert_allclose(model.predict(table[row : row + 1]).probabilities[0], whole[row], rtol=0, atol=1e-15)


def test_a_missing_column_is_an_error(model):
    with pytest.raises(InputError, match="no column 'place'"):
        model.predict(frame().drop("place"))


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([0, 1], ("p_0", "p_1")),
        ([False, True], ("p_false", "p_true")),
        ([0.0, 1.0], ("p_0", "p_1")),
        (["é", "z"], ("p_z", "p_é")),
    ],
    ids=str,
)
def test_labels_come_back_with_their_type(labels, names):
    found = with_labels(labels).predict(frame())
    assert {type(label) for label in found.labels.tolist()} == {type(labels[0])}
    assert found.names == names
