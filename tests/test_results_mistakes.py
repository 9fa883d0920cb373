"""What a newcomer does wrong with `multilogit.fit` and its results, and what is said to it."""

import pytest
from table.frames import measurements

import multilogit
from multilogit import InputError


@pytest.mark.parametrize("name", ["save", "report"])
def test_a_file_of_another_kind_is_not_replaced(tmp_path, name):
    path = tmp_path / "table.csv"
    path.write_text("x,y\n1,a\n")
    results = multilogit.fit(measurements(), "kind", C=1.0, holdout="none")
    with pytest.raises(InputError, match=r"table\.csv exists and is not a .*, so it is not replaced"):
        getattr(results, name)(path)
    assert path.read_text() == "x,y\n1,a\n"
    own = tmp_path / "own"
    for _ in range(2):
        getattr(results, name)(own)


def test_a_mapping_of_single_values_is_answered_with_a_sentence():
    results = multilogit.fit(measurements(), "kind", C=1.0, holdout="none")
    for row in ({"length": 1}, {"place": "north"}):
        with pytest.raises(InputError, match=r"a mapping must hold columns of values, and .* put it into a list"):
            results.predict(row)


def test_an_explanation_notes_what_training_never_saw():
    results = multilogit.fit(measurements(), "kind", C=1.0, holdout="none")
    found = results.explain({"length": 40.0, "place": "moon", "tagged": True})
    assert [novelty.column for novelty in found.novelties] == ["place"]
    assert "note: column 'place' holds what training never saw" in str(found)
    assert f"{found.log_odds:+10.4f}  sum" in str(found)
