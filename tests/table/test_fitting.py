import math
from dataclasses import replace

import numpy as np
import pytest
from table.problems import everything, recipe, rows_of

from multilogit.estimators import LogisticRegression
from multilogit.table.encode import encode
from multilogit.table.encoding import Categorical
from multilogit.table.fitting import fit_rows
from multilogit.table.strength import choose


def changed(rows, which, **values):
    """The rows with other values in some of them."""

    def of(column):
        present = column.values.copy()
        present[which] = values[column.name]
        missing = column.missing.copy()
        missing[which] = False
        return replace(column, values=present, missing=missing)

    return replace(rows, columns=tuple((of(column), role) for column, role in rows.columns))


def test_a_fit_is_the_estimator_on_the_encoded_rows():
    rows = rows_of(everything())
    found = fit_rows(rows, recipe(0.5))
    direct = LogisticRegression(C=0.5).fit(encode(found.schema, rows.by_name).X, rows.codes)
    np.testing.assert_array_equal(found.estimator.coef_, direct.coef_)
    assert found.choice is None


def test_C_is_chosen_where_none_is_given():
    rows = rows_of(everything())
    found = fit_rows(rows, recipe(None, seed=3))
    assert found.choice == choose(found.design.X, rows.codes, rows.weight, None, 3)
    assert found.estimator.C == found.choice.C


def test_a_choice_that_was_made_is_kept():
    rows = rows_of(everything())
    choice = replace(fit_rows(rows, recipe(None)).choice, C=0.123)
    found = fit_rows(rows, recipe(None), choice)
    assert found.choice is choice
    assert found.estimator.C == 0.123


def test_a_reference_is_left_out_without_a_penalty_alone():
    rows = rows_of(everything())
    levels = {
        C: next(e for e in fit_rows(rows, recipe(C)).schema.columns if isinstance(e, Categorical))
        for C in (1.0, math.inf)
    }
    assert levels[1.0].reference is None
    assert levels[math.inf].reference is not None


@pytest.mark.parametrize("C", [1.0, None])
def test_nothing_is_learnt_from_other_rows(C):
    """Whatever stands in the rows that a fit does not see, it ends with the same bits."""
    rows = rows_of(everything())
    other = np.arange(60, 90)
    altered = changed(rows, other, x=1e6, level="unheard", truth=True, note="entirely different words")
    altered = replace(altered, codes=np.concatenate([rows.codes[:60], np.zeros(30, dtype=np.intp)]))
    first, second = (fit_rows(each.take(np.arange(60)), recipe(C)) for each in (rows, altered))
    assert first.schema == second.schema
    assert first.choice == second.choice
    assert first.estimator.coef_.tobytes() == second.estimator.coef_.tobytes()


def test_encodings_differ_from_those_of_all_rows():
    rows = rows_of(everything())
    part, whole = fit_rows(rows.take(np.arange(30)), recipe()), fit_rows(rows, recipe())
    for of_part, of_whole in zip(part.schema.columns, whole.schema.columns, strict=True):
        if of_part.name in {"x", "note"}:
            assert of_part != of_whole


def test_a_class_that_the_fit_never_saw_is_impossible():
    rows = rows_of(everything())
    part = rows.take(np.flatnonzero(rows.codes != 1))
    log_P = fit_rows(part, recipe()).log_probabilities(rows)
    assert (log_P[:, 1] == -np.inf).all()
    np.testing.assert_allclose(np.exp(log_P).sum(axis=1), 1.0, rtol=1e-12)


def test_a_weight_of_two_is_a_row_twice():
    rows = rows_of(everything())
    weight = np.array([1.0, 2.0, 3.0] * 30)
    weighted = fit_rows(replace(rows, weight=weight), recipe())
    repeated = fit_rows(rows.take(np.repeat(np.arange(90), weight.astype(int))), recipe())
    without_words = [j for j, term in enumerate(weighted.schema.terms) if not term.startswith("note:")]
    assert weighted.schema.columns[0].mean == pytest.approx(repeated.schema.columns[0].mean, rel=1e-14)
    assert weighted.schema.terms == repeated.schema.terms
    np.testing.assert_allclose(
        weighted.design.X.toarray()[0, without_words], repeated.design.X.toarray()[0, without_words], atol=1e-13
    )


def test_classes_that_columns_tell_apart_are_no_cause_for_a_warning():
    table = {"x": [*range(10), *range(20, 30)], "z": [0.5, 1.5] * 10, "kind": ["a"] * 10 + ["b"] * 10}
    found = fit_rows(rows_of(table), recipe(math.inf))
    assert found.separated == ((0, 1),)
