from pathlib import Path

import numpy as np
import polars as pl
import pytest
from table.frames import LIBRARIES, measurements, with_gaps

from multilogit.errors import InputError, SeparationWarning, Status
from multilogit.estimators import LogisticRegression
from multilogit.table import Boolean, Categorical, Numeric, Source, train
from multilogit.table.holdout import draw

PENGUINS = Path(__file__).parents[3] / "shared" / "data" / "penguins.csv"


def frame(**changes):
    return pl.DataFrame(measurements() | changes)


def matrix(table):
    places = np.array(table["place"])
    one_hot = [(places == level).astype(float) for level in ("north", "south", "west")]
    return np.column_stack([table["length"], *one_hot, np.array(table["tagged"], dtype=float)])


def test_the_model_is_the_estimator_on_the_encoded_rows():
    table = measurements()
    model = train(pl.DataFrame(table), "kind", C=0.5)
    direct = LogisticRegression(C=0.5).fit(matrix(table), np.array(table["kind"]))
    np.testing.assert_array_equal(model.estimator.coef_, direct.coef_)
    np.testing.assert_array_equal(model.predict(pl.DataFrame(table)).probabilities, direct.predict_proba(matrix(table)))


def test_every_library_gives_the_same_model():
    first, second = (train(make(with_gaps()), "kind") for make in LIBRARIES.values())
    assert first.schema == second.schema
    assert first.record == second.record
    np.testing.assert_array_equal(first.estimator.coef_, second.estimator.coef_)


def test_schema_in_the_order_of_the_table():
    assert train(frame(), "kind").schema.columns == (
        Numeric("length"),
        Categorical("place", ("north", "south", "west"), has_reference=False),
        Boolean("tagged"),
    )


def test_without_penalty_the_first_level_is_the_reference():
    model = train(frame(), "kind", C=np.inf)
    assert model.schema.terms == ("length", "place=south", "place=west", "tagged")


def test_incomplete_rows_are_dropped_and_counted():
    table = with_gaps()
    model = train(pl.DataFrame(table), "kind")
    complete = [row for row in range(60) if row not in {1, 4}]
    same = train(pl.DataFrame(table)[complete], "kind")
    assert (model.record.rows_read, model.record.rows_used) == (60, 58)
    assert model.record.missing == (("length", 1), ("place", 2))
    np.testing.assert_array_equal(model.estimator.coef_, same.estimator.coef_)


def test_a_gap_in_a_column_that_is_left_out_costs_no_row():
    model = train(frame(note=[None] * 59 + ["x"]), "kind")
    assert model.record.rows_used == 60
    assert [column.name for column in model.schema.left_out] == ["note"]


def test_a_column_that_is_constant_in_the_complete_rows_is_left_out():
    table = measurements() | {"sparse": [1.0] * 59 + [2.0], "gap": [0.0, 1.0] * 29 + [0.0, None]}
    assert [(c.name, c.reason) for c in train(pl.DataFrame(table), "kind").schema.left_out] == [
        ("sparse", "it is constant: 1")
    ]


def test_excluded_columns_are_named_so():
    model = train(frame(), "kind", exclude=["place"])
    assert [(c.name, c.reason) for c in model.schema.left_out] == [("place", "you excluded it")]


def test_a_number_can_be_taken_as_levels():
    model = train(frame(code=[1, 2, 10] * 20), "kind", categorical=["code"])
    assert model.schema.columns[-1] == Categorical("code", ("1", "10", "2"), has_reference=False)


def test_held_out_scores_are_those_of_a_fit_to_the_other_rows():
    table = measurements()
    X, y = matrix(table), np.array(table["kind"])
    held = draw(y, 0.25, 3)
    other = LogisticRegression().fit(X[~held], y[~held])
    log_P = other.predict_log_proba(X[held])
    codes = np.searchsorted(other.classes_, y[held])
    scores = train(pl.DataFrame(table), "kind", seed=3).record.held_out
    assert (scores.rows, scores.fitted_rows) == (held.sum(), (~held).sum())
    assert scores.log_loss == pytest.approx(-log_P[np.arange(codes.size), codes].mean(), rel=1e-12)
    assert scores.accuracy == pytest.approx((log_P.argmax(axis=1) == codes).mean(), rel=1e-12)
    shares = np.bincount(np.searchsorted(other.classes_, y[~held])) / (~held).sum()
    assert scores.prior_log_loss == pytest.approx(-np.log(shares[codes]).mean(), rel=1e-12)


def test_nothing_held_out_gives_no_scores():
    assert train(frame(), "kind", holdout=0.0).record.held_out is None


def test_weights_repeat_rows_and_zero_drops_them():
    table = measurements()
    weights = [0, 1, 2] * 20
    repeated = pl.DataFrame(table)[np.repeat(np.arange(60), weights).tolist()]
    weighted = train(frame(w=weights), "kind", weights="w")
    assert (weighted.record.rows_used, weighted.record.unweighted) == (40, 20)
    assert weighted.schema.weights == "w"
    np.testing.assert_allclose(weighted.estimator.coef_, train(repeated, "kind").estimator.coef_, rtol=0, atol=1e-10)


def test_held_out_scores_are_weighted():
    table, weight = measurements(), np.array([1.0, 2.0, 0.5] * 20)
    X, y = matrix(table), np.array(table["kind"])
    held = draw(y, 0.25, 0)
    other = LogisticRegression().fit(X[~held], y[~held], sample_weight=weight[~held])
    log_P = other.predict_log_proba(X[held])
    codes = np.searchsorted(other.classes_, y[held])
    shares = np.bincount(np.searchsorted(other.classes_, y[~held]), weights=weight[~held])
    shares /= shares.sum()
    right = log_P.argmax(axis=1) == codes
    found = train(frame(w=weight), "kind", weights="w").record.held_out
    mean = {
        "log_loss": -log_P[np.arange(codes.size), codes],
        "accuracy": right,
        "prior_log_loss": -np.log(shares[codes]),
        "prior_accuracy": codes == shares.argmax(),
    }
    for name, values in mean.items():
        assert getattr(found, name) == pytest.approx(np.average(values, weights=weight[held]), rel=1e-12), name


def test_the_source_is_remembered():
    source = Source("t.csv", "0" * 64)
    assert train(frame(), "kind", source=source).record.source == source


def test_the_baseline_is_beaten_on_real_rows():
    if not PENGUINS.exists():
        pytest.skip("needs penguins.csv")
    model = train(pl.read_csv(PENGUINS, null_values="NA"), "species")
    assert (model.record.rows_read, model.record.rows_used) == (344, 333)
    assert model.record.class_counts == (146, 68, 119)
    assert model.record.held_out.log_loss < 0.1
    assert model.record.held_out.prior_log_loss > 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"target": "kin"}, r"no column 'kin' \(the target\). Did you mean 'kind'"),
        ({"exclude": ["plaice"]}, r"no column 'plaice' \(to exclude\). Did you mean 'place'"),
        ({"categorical": ["zzz"]}, r"no column 'zzz' \(to take as categorical\). Its columns are 'length'"),
        ({"weights": "w"}, r"no column 'w' \(the weights\)"),
        ({"weights": "kind"}, r"'kind' is the target and cannot have another role"),
        ({"exclude": ["kind"]}, r"'kind' is the target"),
        ({"weights": "length", "exclude": ["length"]}, r"'length' holds the weights"),
        ({"weights": "place"}, r"the weights 'place' hold text; expected numbers"),
        ({"exclude": ["length", "place", "tagged"]}, r"no column is left to learn from \('length': you excluded it"),
        ({"target": "length"}, r"the target 'length' holds fractional numbers"),
    ],
)
def test_options_that_cannot_be(options, sentence):
    with pytest.raises(InputError, match=sentence):
        train(frame(), **({"target": "kind"} | options))


def test_a_negative_weight_names_its_row():
    with pytest.raises(InputError, match=r"'w' are negative in row 3 \(-1"):
        train(frame(w=[1, 2, -1] + [1] * 57), "kind", weights="w")


def test_weights_that_are_all_zero():
    with pytest.raises(InputError, match=r"the weights 'w' are 0 in every complete row"):
        train(frame(w=[0] * 60), "kind", weights="w")


def test_the_record_says_how_the_scored_fit_ended():
    assert train(frame(), "kind").record.held_out.status is Status.CONVERGED
    told = [40.0 + row if row % 3 else 10.0 - row for row in range(60)]
    kinds = ["low" if row % 3 else "top" for row in range(60)]
    with pytest.warns(SeparationWarning) as caught:
        held_out = train(frame(x=told, kind=kinds), "kind", C=np.inf).record.held_out
    assert (held_out.status, held_out.separated) == (Status.SEPARATED, (("low", "top"),))
    assert len(caught) == 2


def test_many_classes_that_the_user_wants_are_no_cause_for_a_warning():
    model = train(frame(kind=[row // 2 for row in range(60)]), "kind", categorical=["kind"])
    assert len(model.estimator.classes_) == 30


def test_an_infinite_input_names_its_row():
    with pytest.raises(InputError, match=r"'x' is infinite in row 60"):
        train(frame(x=[0.0, 1.0] * 29 + [0.0, np.inf]), "kind")


def test_no_complete_row_names_the_emptiest_column():
    gaps = [None if row % 2 else 1.0 + row for row in range(60)]
    others = [1.0 + row if row % 2 else None for row in range(60)]
    others[1] = None
    with pytest.raises(InputError, match=r"no row is complete: .* 31 of them in column 'b'"):
        train(frame(a=gaps, b=others), "kind")


def test_a_table_without_rows():
    with pytest.raises(InputError, match="no rows"):
        train(frame()[:0], "kind")


def test_a_target_that_is_constant_in_the_complete_rows():
    kinds = ["low"] * 59 + ["top"]
    with pytest.raises(InputError, match=r"constant: low in all 59 rows"):
        train(frame(kind=kinds, x=[0.0, 1.0] * 29 + [0.0, None]), "kind")
