import numpy as np
import polars as pl
import pytest
from table.frames import measurements, with_gaps

from multilogit.errors import InputError
from multilogit.table import train


@pytest.fixture(scope="module")
def model():
    return train(pl.DataFrame(measurements()), "kind")


def test_every_row_keeps_its_place(model):
    whole = model.predict(pl.DataFrame(measurements()))
    gaps = model.predict(pl.DataFrame(with_gaps()))
    assert gaps.unusable == 2
    assert gaps.first_unusable.sentence() == "row 2 has no value in column 'length'"
    for row in range(60):
        if row in {1, 4}:
            assert gaps.labels[row] is None
            assert np.isnan(gaps.probabilities[row]).all()
        else:
            assert gaps.labels[row] == whole.labels[row]
            np.testing.assert_array_equal(gaps.probabilities[row], whole.probabilities[row])


def test_labels_are_the_most_probable_classes(model):
    found = model.predict(pl.DataFrame(measurements()))
    assert found.classes.tolist() == ["low", "mid", "top"]
    assert list(found.labels) == found.classes[found.probabilities.argmax(axis=1)].tolist()
    assert (
        list(found.labels)
        == model.estimator.predict(
            np.column_stack(
                [
                    measurements()["length"],
                    *(np.array(measurements()["place"]) == level for level in ("north", "south", "west")),
                    measurements()["tagged"],
                ]
            ).astype(float)
        ).tolist()
    )


def test_the_target_is_not_needed(model):
    table = pl.DataFrame(measurements())
    np.testing.assert_array_equal(model.predict(table.drop("kind")).probabilities, model.predict(table).probabilities)


def test_no_usable_row_is_no_error(model):
    table = pl.DataFrame(measurements() | {"place": ["east"] * 60})
    found = model.predict(table)
    assert found.unusable == 60
    assert set(found.labels) == {None}
    assert model.predict(table[:0]).probabilities.shape == (0, 3)


def test_a_missing_column_is_an_error(model):
    with pytest.raises(InputError, match="no column 'place'"):
        model.predict(pl.DataFrame(measurements()).drop("place"))


@pytest.mark.parametrize("kinds", [[0, 1], [False, True], [0.0, 1.0]])
def test_labels_come_back_with_their_type(kinds):
    table = measurements()
    kind = [kinds[value == "top"] for value in table["kind"]]
    found = train(pl.DataFrame(table | {"kind": kind}), "kind").predict(pl.DataFrame(table))
    assert {type(label) for label in found.labels} == {type(kinds[0])}
