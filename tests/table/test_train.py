from pathlib import Path

import numpy as np
import polars as pl
import pytest
from table.frames import LIBRARIES, measurements, with_gaps
from table.models import SOURCE, fitted, frame

from multilogit.errors import InputError
from multilogit.estimators import LogisticRegression
from multilogit.table import Request, train
from multilogit.table.encoding import Boolean, Categorical, Numeric
from multilogit.table.roles import Roles

PENGUINS = Path(__file__).parents[3] / "shared" / "data" / "penguins.csv"
FAST = {"C": 1.0, "holdout": "none"}


def matrix(table):
    places, length = np.array(table["place"]), np.array(table["length"])
    one_hot = [(places == level).astype(float) for level in ("north", "south", "west")]
    z = (length - length.mean()) / length.std()
    return np.column_stack([z, *one_hot, np.array(table["tagged"], dtype=float)])


def test_the_model_is_the_estimator_on_the_encoded_rows():
    table = measurements()
    found = fitted(pl.DataFrame(table), C=0.5, holdout="none")
    direct = LogisticRegression(C=0.5).fit(matrix(table), np.array(table["kind"]))
    np.testing.assert_allclose(
        found.model.predict(frame()).probabilities, direct.predict_proba(matrix(table)), rtol=0, atol=1e-9
    )
    assert found.classes == ("low", "mid", "top")
    assert found.certificate is found.model.estimator.certificate_


@pytest.mark.parametrize("options", [FAST, {"C": 1.0}, {}], ids=["fixed", "cv", "auto"])
def test_every_library_gives_the_same_model(options):
    first, second = (fitted(make(with_gaps()), **options).model for make in LIBRARIES.values())
    assert first.schema == second.schema
    assert first.record == second.record
    np.testing.assert_array_equal(first.estimator.coef_, second.estimator.coef_)


def test_schema_in_the_order_of_the_table():
    kinds = [type(each) for each in fitted(frame(), **FAST).model.schema.columns]
    assert kinds == [Numeric, Categorical, Boolean]


def test_without_penalty_the_most_frequent_level_is_the_reference():
    places = measurements()["place"]
    usual = max(set(places), key=places.count)
    found = fitted(frame(), C=np.inf, holdout="none").model.schema
    assert found.columns[1].reference == usual
    assert found.terms == ("length", *(f"place={x}" for x in ("north", "south", "west") if x != usual), "tagged")


def test_a_reference_may_be_named():
    found = fitted(frame(), C=np.inf, holdout="none", references={"place": "west"}).model.schema
    assert found.terms == ("length", "place=north", "place=south", "tagged")


def test_incomplete_rows_are_used():
    found = fitted(pl.DataFrame(with_gaps()), **FAST).model
    assert (found.record.rows_read, found.record.rows_used, found.record.left_out) == (60, 60, ())
    assert found.schema.terms[:2] == ("length", "length (missing)")


def test_rows_without_a_target_are_left_out_and_counted():
    table = measurements()
    table["kind"][3] = table["kind"][7] = None
    complete = [row for row in range(60) if row not in {3, 7}]
    found, same = fitted(pl.DataFrame(table), **FAST), fitted(frame()[complete], **FAST)
    assert (found.model.record.rows_read, found.model.record.rows_used) == (60, 58)
    assert found.model.record.left_out == (("no target ('kind')", 2),)
    assert found.evidence.rows.place.tolist() == complete
    np.testing.assert_array_equal(found.model.estimator.coef_, same.model.estimator.coef_)


def test_every_reason_to_leave_rows_out_is_told():
    weights, groups = [1.0, 2.0] * 30, ["p", "q", "r"] * 20
    weights[0], weights[1], weights[2], groups[4] = None, 0.0, 0.0, None
    record = fitted(frame(w=weights, g=groups), **FAST, weights="w", groups="g").model.record
    assert record.left_out == (("no weight ('w')", 1), ("no group ('g')", 1), ("weight 0 ('w')", 2))
    assert record.rows_used == 56


def test_every_column_has_a_decision():
    table = frame(note=[None] * 60, w=[1.0, 2.0] * 30, g=["p", "q"] * 30, name=[f"bird {row}" for row in range(60)])
    found = fitted(table, **FAST, weights="w", groups="g", columns={"tagged": "drop"})
    assert [(each.column, each.role, each.finding, each.by_user) for each in found.decisions] == [
        ("length", "numeric", None, False),
        ("place", "categorical", None, False),
        ("tagged", "dropped", None, True),
        ("kind", "target", None, True),
        ("note", "dropped", "ML101", False),
        ("w", "weights", None, True),
        ("g", "groups", None, True),
        ("name", "dropped", "ML102", False),
    ]


def test_a_number_can_be_taken_as_levels():
    schema = fitted(frame(code=[1, 2, 10] * 20), **FAST, columns={"code": "categorical"}).model.schema
    assert schema.terms[-3:] == ("code=1", "code=10", "code=2")


@pytest.mark.parametrize("labels", [[0, 1], [False, True], [0.0, 1.0], ["no", "yes"]], ids=str)
def test_labels_keep_their_type(labels):
    found = fitted(frame(kind=[labels[kind == "top"] for kind in measurements()["kind"]]), **FAST)
    assert found.classes == tuple(labels)
    assert {type(label) for label in found.classes} == {type(labels[0])}


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_a_weight_of_two_is_a_row_twice(C):
    weights = [0, 1, 2] * 20
    repeated = frame()[np.repeat(np.arange(60), weights).tolist()]
    weighted = fitted(frame(w=weights), C=C, holdout="none", weights="w").model
    again = fitted(repeated, C=C, holdout="none").model
    assert weighted.record.rows_used == 40
    assert weighted.schema.weights == "w"
    np.testing.assert_allclose(weighted.record.prior, again.record.prior, rtol=1e-14)
    np.testing.assert_allclose(weighted.estimator.coef_, again.estimator.coef_, rtol=0, atol=1e-8)
    np.testing.assert_allclose(weighted.estimator.intercept_, again.estimator.intercept_, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("rows", "options", "parts", "scored"),
    [
        (60, {}, 5, 60),
        (60, {"holdout": "cv"}, 5, 60),
        (60, {"holdout": 0.2}, 1, 12),
        (5_000, {}, 1, 1_000),
        (4_999, {"groups": "g"}, 5, 4_999),
        (5_000, {"holdout": "cv"}, 5, 5_000),
    ],
)
def test_what_scores_the_model(rows, options, parts, scored):
    kinds = (["one", "two"] * rows)[:rows]
    x = np.random.default_rng(0).normal(size=rows) + (np.array(kinds) == "one")
    found = fitted(
        pl.DataFrame({"x": x, "g": (np.arange(rows) // 2 % 50).astype(str), "kind": kinds}), C=1.0, **options
    )
    assessment = found.model.record.assessment
    assert (assessment.parts, assessment.rows, assessment.unscored) == (parts, scored, 0)
    assert len(found.evidence.scored.rows) == scored
    assert found.model.record.rows_used == rows


def test_nothing_held_out_gives_no_scores():
    found = fitted(frame(), **FAST)
    assert found.model.record.assessment is None
    assert found.evidence.scored is None


def test_rows_of_a_class_that_cannot_be_scored_are_counted():
    kinds = [*measurements()["kind"][:59], "lone"]
    for options, scored in (({"holdout": "cv"}, 59), ({"holdout": 0.2}, 12)):
        assessment = fitted(frame(kind=kinds), C=1.0, **options).model.record.assessment
        assert assessment.rows == scored
        assert assessment.unscored == (1 if scored == 59 else 0)


def test_the_choice_of_a_holdout_serves_all_rows_and_is_made_without_the_rows_that_score():
    first = fitted(frame(), holdout=0.2)
    choice = first.model.record.choice
    assert first.model.estimator.C == choice.C
    length = np.array(measurements()["length"])
    length[first.evidence.scored.rows] = np.arange(12) - 500.0
    other = fitted(frame(length=length), holdout=0.2)
    assert other.model.record.choice == choice
    assert other.evidence.scored.log_P.tolist() != first.evidence.scored.log_P.tolist()
    assert fitted(frame(length=length), holdout="none").model.record.choice != choice


def test_after_a_cross_validation_C_is_chosen_once_more_on_all_rows():
    assert fitted(frame()).model.record.choice == fitted(frame(), holdout="none").model.record.choice


@pytest.mark.parametrize("options", [{}, {"holdout": 0.3}, {"groups": "g", "C": 1.0}])
def test_the_same_seed_gives_the_same_record(options):
    table = frame(g=[f"g{row % 12}" for row in range(60)])
    first, again = (fitted(table, seed=5, **options).model for _ in range(2))
    assert first.record == again.record
    assert first.estimator.coef_.tobytes() == again.estimator.coef_.tobytes()
    assert fitted(table, seed=6, **options).model.record.assessment != first.record.assessment


def test_groups_are_kept_together_in_every_split():
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(20, 6)), 6, axis=0)  # six equal rows in every group
    table = {f"x{j}": x[:, j] for j in range(6)} | {
        "g": np.repeat(np.arange(20), 6),
        "kind": np.repeat(rng.integers(2, size=20), 6),
    }
    apart = fitted(pl.DataFrame(table), C=100.0, columns={"g": "drop"}).model.record.assessment
    together = fitted(pl.DataFrame(table), C=100.0, groups="g").model.record.assessment
    assert apart.metric("log_loss").model < 0.6 < together.metric("log_loss").model


def test_what_was_asked_is_remembered():
    record = fitted(
        frame(), C=np.inf, holdout=0.3, seed=4, references={"place": "west"}, columns={"tagged": "drop"}
    ).model.record
    assert record.source == SOURCE
    assert record.seed == 4
    assert record.options == (
        ("C", 'float("inf")'),
        ("columns", "{'tagged': 'drop'}"),
        ("holdout", "0.3"),
        ("reference", "{'place': 'west'}"),
        ("random_state", "4"),
    )


def test_the_baseline_is_beaten_on_real_rows():
    if not PENGUINS.exists():
        pytest.skip("needs penguins.csv")
    record = fitted(pl.read_csv(PENGUINS, null_values="NA"), "species", C=1.0).model.record
    assert record.rows_used == 344
    assert record.class_counts == (152, 68, 124)
    loss = record.assessment.metric("log_loss")
    assert loss.model < 0.1
    assert loss.baseline > 1


def test_many_classes_are_learnt():
    rng = np.random.default_rng(0)
    codes = np.arange(5_000) % 500
    table = pl.DataFrame(
        {"x": codes + rng.normal(size=5_000), "z": rng.normal(size=5_000), "kind": [f"c{k}" for k in codes]}
    )
    assert len(fitted(table, C=1.0, holdout="none").classes) == 500


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"target": "kin"}, r"no column 'kin' \(the target\). Did you mean 'kind'"),
        ({"columns": {"plaice": "drop"}}, r"no column 'plaice' \(to be dropped\). Did you mean 'place'"),
        (
            {"columns": dict.fromkeys(["length", "place", "tagged"], "drop")},
            r"no column is left .*'length': you left it",
        ),
        ({"target": "length"}, r"the target 'length' holds fractional numbers"),
        ({"references": {"place": "west"}}, r"the reference 'west' of 'place' needs C = inf; with a penalty"),
        ({"C": np.inf, "references": {"place": "east"}}, r"no level 'east'; its levels are 'north', 'south', 'west'"),
        ({"C": np.inf, "references": {"length": "1"}}, r"needs a categorical column, and 'length' is numeric"),
        ({"C": np.inf, "references": {"place": "west"}, "columns": {"place": "drop"}}, r"'place' is dropped"),
    ],
)
def test_options_that_cannot_be(options, sentence):
    with pytest.raises(InputError, match=sentence):
        fitted(frame(), **options)


def test_an_infinite_input_names_its_row():
    with pytest.raises(InputError, match=r"'x' is infinite in row 60"):
        fitted(frame(x=[0.0, 1.0] * 29 + [0.0, np.inf]))


def test_an_infinite_number_in_a_column_that_is_left_out_does_no_harm():
    fitted(frame(x=[0.0, 1.0] * 29 + [0.0, np.inf]), **FAST, columns={"x": "drop"})


def test_no_row_left_says_why():
    with pytest.raises(InputError, match=r"no row is left to fit: 60 rows have weight 0 \('w'\)"):
        fitted(frame(w=[0] * 60), weights="w")


def test_a_table_without_rows():
    with pytest.raises(InputError, match="no rows"):
        fitted(frame()[:0])


def test_a_target_that_is_constant_in_the_rows_used():
    with pytest.raises(InputError, match=r"constant: 'low' in all 59 rows"):
        fitted(frame(kind=["low"] * 59 + ["top"], w=[1.0] * 59 + [0.0]), weights="w")


def test_too_few_rows_to_hold_any_out():
    table = pl.DataFrame({"x": [0.5, 1.5, 1.0], "g": ["p", "p", "q"], "kind": ["a", "a", "b"]})
    with pytest.raises(InputError, match=r"too few rows to hold any out \(3 rows of 'a', 'b'\); ask for no holdout"):
        fitted(table, C=1.0, holdout=0.2)
    fitted(table, **FAST)


def test_a_holdout_of_groups_that_leaves_one_class_to_fit():
    table = pl.DataFrame({"x": [0.1, 0.7, 0.3, 0.9, 0.2], "kind": [0, 1, 1, 1, 0], "g": list("21012")})
    with pytest.raises(InputError, match="too few rows to hold any out"):
        fitted(table, C=1.0, holdout=0.5, groups="g")


def test_what_the_columns_separate_is_said_in_classes_of_the_table():
    told = [40.0 + row if row % 3 else 10.0 - row for row in range(60)]
    found = fitted(frame(x=told, kind=["low" if row % 3 else "top" for row in range(60)]), C=np.inf, holdout="none")
    assert found.certificate.separated == (("low", "top"),)


def test_three_groups_make_three_folds():
    found = fitted(frame(), groups="place", columns={"length": "numeric"})
    assert found.model.record.assessment.parts == 3


def test_a_column_that_is_constant_in_the_rows_that_are_fitted_is_dropped():
    kind = frame()["kind"].to_list()
    flag = ["other" if row < 3 else "same" for row in range(len(kind))]
    found = fitted(frame(kind=[None] * 3 + kind[3:], flag=flag), C=np.inf, holdout="none")
    decision = next(each for each in found.decisions if each.column == "flag")
    assert (decision.role, decision.finding) == ("dropped", "ML101")
    assert decision.reason == "it is constant in the rows that are fitted: 'same'"


def test_a_text_without_words_is_refused():
    with pytest.raises(InputError, match=r"'note' holds no words .* take it as categorical, or drop it"):
        fitted(frame(note=["?", "!"] * 30), columns={"note": "text"})


def test_words_that_a_part_lacks_do_no_harm():
    notes = ["one word here now"] + ["?"] * 59
    assert fitted(frame(note=notes), columns={"note": "text"}, C=1.0).model.record.assessment.parts == 5


def test_what_is_under_way_is_told():
    told = []
    train(frame(), Request(Roles("kind"), C=1.0), SOURCE, told.append)
    assert told == [*(f"Fitting 48 rows, part {number} of 5" for number in range(1, 6)), "Fitting all 60 rows"]
