"""Words as scikit-learn weighs them, to the last bit."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from multilogit.table.columns import Column, Kind
from multilogit.table.encoding import Text

TRAINING = ["The bird sang, the bird flew", "no BIRD was seen", "Möwen über dem Meer 2020", "a b", "seen: seen, seen"]
OTHER = ["the bird was never there", "meer MEER", "nothing known", "", "a"]


def column(values):
    missing = np.array([value is None for value in values], dtype=bool)
    return Column("t", Kind.TEXT, np.array(["" if value is None else value for value in values], dtype=object), missing)


def learnt(values, weight=None):
    return Text.learn(column(values), np.ones(len(values)) if weight is None else np.array(weight))


@pytest.mark.parametrize("texts", [TRAINING, OTHER])
def test_the_terms_are_those_of_scikit_learn(texts):
    theirs = TfidfVectorizer().fit(TRAINING)
    found = learnt(TRAINING)
    assert found.terms == tuple(f"t:{word}" for word in theirs.get_feature_names_out())
    block = found.encode(column(texts)).block
    assert sparse.issparse(block)
    np.testing.assert_array_equal(block.toarray(), theirs.transform(texts).toarray())


def test_terms_by_hand():
    found = learnt(["red red blue", "blue"])
    red, blue = 2 * (1 + np.log(3 / 2)), 1.0
    np.testing.assert_allclose(
        found.encode(column(["red red blue"])).block.toarray(),
        [np.array([blue, red]) / np.hypot(red, blue)],
        rtol=1e-15,
    )


def test_unknown_words_do_not_count_and_a_text_of_them_is_unseen():
    found = learnt(TRAINING).encode(column(["bird xyz", "xyz", None]))
    assert found.unseen.tolist() == [False, True, False]
    assert found.missing.tolist() == [False, False, True]
    np.testing.assert_array_equal(
        found.block.toarray()[0], learnt(TRAINING).encode(column(["bird"])).block.toarray()[0]
    )


def test_a_missing_text_is_an_empty_one():
    found = learnt(TRAINING).encode(column([None, ""])).block.toarray()
    assert not found.any()


def test_missing_texts_and_rows_without_weight_teach_nothing():
    assert learnt([*TRAINING, None, "other words"], [1.0] * 6 + [0.0]) == learnt(TRAINING)


def test_no_rows_have_no_terms():
    assert learnt(TRAINING).encode(column([])).block.shape == (0, len(learnt(TRAINING).words))


@pytest.mark.parametrize("values", [["a", "b c"], ["!", "?"], ["", None]])
def test_texts_without_words_have_no_terms(values):
    found = learnt(values)
    assert found.terms == ()
    assert found.encode(column(["some words"])).block.shape == (1, 0)
