"""`multilogit.fit` and its results: the library of the table stays, the bits agree, and mistakes are answered."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from table.frames import measurements
from typer.testing import CliRunner

import multilogit
from multilogit import InputError
from multilogit.table.files import read_table
from multilogit.table.files.format import Format

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
ROWS = measurements(80)


def fitted(make=pl.DataFrame, target="kind", **options):
    return multilogit.fit(make(ROWS), target, **{"C": 1.0, "holdout": "none"} | options)


@pytest.fixture(scope="module")
def results():
    return fitted()


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "birds.csv"
    pl.DataFrame(ROWS).write_csv(path)
    return path


def numbers(frame):
    """Probabilities as an array, from a frame of any library."""
    table = frame if isinstance(frame, pl.DataFrame) else pl.from_arrow(pa.table(frame))
    return table.to_numpy()


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_goes_in_comes_out(library):
    table = LIBRARIES[library](ROWS)
    results = fitted(LIBRARIES[library])
    expected = {"pandas": pd.Series, "polars": pl.Series, "pyarrow": pa.ChunkedArray}[library]
    assert isinstance(results.predict(table), expected)
    probabilities = results.predict_proba(table)
    assert type(probabilities) is type(table)
    names = probabilities.column_names if library == "pyarrow" else list(probabilities.columns)
    assert names == ["p_low", "p_mid", "p_top"]
    np.testing.assert_allclose(numbers(probabilities).sum(axis=1), 1.0, rtol=1e-15)
    assert results.model.record.source.name == f"a {library} table"


def test_every_library_and_the_file_give_the_same_bits(csv):
    tables = {name: make(ROWS) for name, make in LIBRARIES.items()} | {"mapping": ROWS, "path": csv, "text": str(csv)}
    first = fitted()
    bits = numbers(first.predict_proba(pl.DataFrame(ROWS))).tobytes()
    for name, table in tables.items():
        found = multilogit.fit(table, "kind", C=1.0, holdout="none")
        assert numbers(found.predict_proba(table)).tobytes() == bits, name
        assert numbers(first.predict_proba(table)).tobytes() == bits, name
        assert list(map(str, found.predict(table).to_list() if name != "pyarrow" else found.predict(table).to_pylist()))
        assert found.model.schema.columns == first.model.schema.columns, name


def test_the_choice_of_C_and_the_scores_are_the_same_bits(csv):
    tables = [pd.DataFrame(ROWS), pa.table(ROWS), csv]
    first, *others = [multilogit.fit(table, "kind").model.record for table in tables]
    for each in others:
        assert each.choice == first.choice
        assert each.assessment == first.assessment


@pytest.mark.parametrize(
    "index", [list("abcdefgh") * 10, range(1000, 920, -1), pd.date_range("2020-01-01", periods=80)], ids=type
)
def test_the_index_of_pandas_is_kept(index):
    table = pd.DataFrame(ROWS, index=index)
    results = multilogit.fit(table, "kind", C=1.0, holdout="none")
    assert results.predict(table).index.equals(table.index)
    assert results.predict_proba(table).index.equals(table.index)
    some = table[table["length"] > 40]
    assert results.predict_proba(some).equals(results.predict_proba(table).loc[table["length"] > 40])
    plain = fitted(pd.DataFrame).predict_proba(pd.DataFrame(ROWS))
    assert results.predict_proba(table).to_numpy().tobytes() == plain.to_numpy().tobytes()


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("labels", [(2, -1, 10), (False, True), ("a", "b", "é"), (10**15, 7)], ids=str)
def test_labels_keep_their_type(library, labels):
    places = {name: labels[place % len(labels)] for place, name in enumerate(("low", "mid", "top"))}
    table = LIBRARIES[library](ROWS | {"kind": [places[kind] for kind in ROWS["kind"]]})
    results = multilogit.fit(table, "kind", C=1.0, holdout="none")
    assert results.classes == tuple(sorted(labels))
    assert {type(each) for each in results.classes} == {type(labels[0])}
    found = results.predict(table)
    values = found.to_pylist() if library == "pyarrow" else found.to_list()
    assert {type(each) for each in values} == {type(labels[0])}
    assert set(values) <= set(labels)
    word = {False: "false", True: "true"} if isinstance(labels[0], bool) else {}
    columns = results.predict_proba(table)
    names = columns.column_names if library == "pyarrow" else list(columns.columns)
    assert names == [f"p_{word.get(each, each)}" for each in sorted(labels)]


def test_a_share_is_held_out_and_the_model_fitted_to_all_rows():
    record = fitted(holdout=0.25).model.record
    held_out = sum(int(0.25 * count + 0.5) for count in record.class_counts)
    assert (record.assessment.rows, record.assessment.parts, record.rows_used) == (held_out, 1, 80)


def test_integers_of_a_file_stay_integers(tmp_path):
    pl.DataFrame(ROWS | {"kind": [len(kind) * 7 for kind in ["a", "bb"] * 40]}).write_csv(tmp_path / "t.csv")
    results = multilogit.fit(tmp_path / "t.csv", "kind", C=1.0, holdout="none")
    assert results.classes == (7, 14)
    assert results.predict(tmp_path / "t.csv").dtype == pl.Int64


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_table_without_rows_has_no_predictions(results, library):
    table = LIBRARIES[library]({name: values[:1] for name, values in ROWS.items()})[:0]
    assert len(results.predict(table)) == 0
    assert len(results.predict_proba(table)) == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"C": -1}, "C must be 'auto', a number > 0, or inf"),
        ({"C": 0}, "C must be"),
        ({"C": "x"}, "C must be .* Got 'x'"),
        ({"C": math.nan}, "C must be .* Got nan"),
        ({"C": True}, "C must be"),
        ({"C": None}, "C must be"),
        ({"holdout": 2}, "holdout must be .* Got 2"),
        ({"holdout": 0}, "holdout must be"),
        ({"holdout": 0.95}, "holdout must be"),
        ({"holdout": "some"}, "holdout must be"),
        ({"holdout": True}, "holdout must be"),
        ({"random_state": -1}, "random_state must be a whole number .* Got -1"),
        ({"random_state": 2**32}, "random_state must be"),
        ({"random_state": 1.5}, "random_state must be"),
        ({"random_state": None}, "random_state must be"),
        ({"columns": {"length": "number"}}, "'length' must be one of numeric, categorical, text, drop. Got 'number'"),
        ({"columns": {"lenght": "drop"}}, "no column 'lenght'.* Did you mean 'length'"),
        ({"columns": {"place": "numeric"}}, "'place' is to be numeric, but row 1 holds"),
        ({"columns": {"kind": "drop"}}, "'kind' is the target and cannot be drop"),
        ({"weights": "place"}, "weights 'place' hold text"),
        ({"weights": "kind"}, "'kind' is the target and cannot be the weights too"),
        ({"groups": "nothing"}, "no column 'nothing'"),
        ({"reference": {"place": "east"}, "C": math.inf}, "'place' has no level 'east'; its levels are"),
        ({"reference": {"length": "1"}, "C": math.inf}, "needs a categorical column"),
        ({"reference": {"place": "west"}, "C": 1.0}, "needs C = inf"),
        ({"reference": {"plaec": "west"}, "C": math.inf}, "Did you mean 'place'"),
        ({"target": "species"}, "no column 'species' .the target."),
        ({"target": None}, "target must be the name of a column. Got NoneType"),
        ({"target": 3}, "target must be"),
        ({"target": "length"}, "looks like regression"),
    ],
    ids=str,
)
def test_wrong_arguments_are_answered_with_a_sentence(options, sentence):
    with pytest.raises(InputError, match=sentence):
        fitted(**options)


@pytest.mark.parametrize(
    "data", [3, None, [1, 2], {"x"}, object(), np.zeros((3, 2))], ids=lambda each: type(each).__name__
)
def test_what_is_no_table_is_refused(data):
    with pytest.raises(InputError, match="expected a pandas, polars or pyarrow table"):
        multilogit.fit(data, "kind")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        multilogit.fit(tmp_path / "none.csv", "kind")


@pytest.mark.parametrize("make", [*LIBRARIES.values(), dict, None], ids=[*LIBRARIES, "mapping", "path"])
def test_a_formula_takes_a_table_or_a_path(make, csv):
    table = csv if make is None else make(ROWS)
    found = multilogit.fit("kind ~ length + place", table, C=1.0, holdout="none")
    same = fitted(columns={"tagged": "drop"})
    assert found.model.schema.columns == same.model.schema.columns
    np.testing.assert_array_equal(found.model.estimator.coef_, same.model.estimator.coef_)
    assert dict(found.model.record.options)["formula"] == "'kind ~ length + place'"


def test_a_long_formula_is_not_taken_for_a_path():
    formula = "kind ~ " + " + ".join(["length", "place", "tagged"] * 40)
    assert multilogit.fit(formula, ROWS, C=1.0, holdout="none").model.schema == fitted().model.schema


def test_a_path_may_begin_at_home(csv, monkeypatch):
    monkeypatch.setenv("HOME", str(csv.parent))
    found = multilogit.fit("~/birds.csv", "kind", C=1.0, holdout="none")
    assert found.model.schema.columns == fitted().model.schema.columns
    with pytest.raises(FileNotFoundError, match=r"brids\.csv"):
        multilogit.fit("~/brids.csv", "kind")


def test_a_formula_of_products(csv):
    found = multilogit.fit("kind ~ length * tagged", csv, C=1.0, holdout="none")
    assert found.model.schema.terms == ("length", "tagged", "length:tagged")


def test_a_file_may_be_called_like_a_formula(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pl.DataFrame(ROWS).write_csv("kind ~ length")
    assert "place=north" in multilogit.fit("kind ~ length", "kind", C=1.0, holdout="none").model.schema.terms


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("kind ~ lenght", "Did you mean 'length'"),
        ("kind ~ log(length)", "computes"),
        ("~ length", "cannot be read|one column"),
    ],
)
def test_wrong_formulas_are_answered_with_a_sentence(formula, sentence):
    with pytest.raises(InputError, match=sentence):
        multilogit.fit(formula, pl.DataFrame(ROWS))


def one_row():
    row = {name: values[4] for name, values in ROWS.items()}
    frames = {f"{name} table": make({key: [value] for key, value in row.items()}) for name, make in LIBRARIES.items()}
    series = {"pandas series": pd.DataFrame(ROWS).iloc[4], "pandas slice": pd.DataFrame(ROWS)[4:5]}
    return {"mapping": row, "polars row": pl.DataFrame(ROWS).row(4, named=True)} | frames | series


@pytest.mark.parametrize("kind", one_row())
def test_one_row_is_explained(results, kind):
    found = results.explain(one_row()[kind])
    assert found == results.explain(one_row()["mapping"])
    P = dict(zip(results.classes, numbers(results.predict_proba(pl.DataFrame(ROWS)))[4].tolist(), strict=True))
    assert dict(found.probabilities) == P
    assert found.predicted == max(P, key=P.get)
    assert found.log_odds == pytest.approx(math.log(P[found.predicted] / P[found.against]), rel=1e-12)
    assert found.log_odds == math.fsum(part.log_odds for part in found.parts)


def test_a_row_may_lack_the_target_and_values(results):
    found = results.explain({"length": None, "place": "nowhere", "tagged": True, "more": "unused"})
    assert {part.label for part in found.parts} <= {"base", "length missing", "place = nowhere", "tagged = true"}


def test_the_other_class_may_be_named(results):
    found = results.explain(one_row()["mapping"])
    last = found.probabilities[-1][0]
    assert results.explain(one_row()["mapping"], vs=last).against == last
    with pytest.raises(InputError, match="no class 'none'"):
        results.explain(one_row()["mapping"], vs="none")
    with pytest.raises(InputError, match="name another class"):
        results.explain(one_row()["mapping"], vs=found.predicted)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("rows", [0, 2])
def test_two_rows_or_none_are_not_explained(results, library, rows):
    table = LIBRARIES[library]({name: values[:2] for name, values in ROWS.items()})[:rows]
    with pytest.raises(InputError, match=f"explain takes one row. Got a table of {rows}"):
        results.explain(table)


def test_a_row_without_a_column_is_not_explained(results):
    with pytest.raises(InputError, match="no column 'length'"):
        results.explain({"place": "north", "tagged": True})


def test_metrics_by_hand(results):
    found = results.evaluate(pl.DataFrame(ROWS))
    P, codes = numbers(results.predict_proba(pl.DataFrame(ROWS))), np.searchsorted(results.classes, ROWS["kind"])
    assert found["log_loss"].model == pytest.approx(-np.log(P[np.arange(80), codes]).mean(), rel=1e-12)
    assert found["accuracy"].model == (P.argmax(axis=1) == codes).mean()
    shares = np.bincount(codes) / 80
    assert found["log_loss"].baseline == pytest.approx(-np.log(shares[codes]).mean(), rel=1e-12)
    assert [each.metric for each in found] == ["log_loss", "brier", "accuracy", "balanced_accuracy"]
    with pytest.raises(KeyError, match="none of log_loss, brier"):
        found["luck"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_scores_on_the_training_data_say_so(library, csv):
    make = LIBRARIES[library]
    results = fitted(make)
    own, other = results.evaluate(make(ROWS)), results.evaluate(make(measurements(40)))
    assert own.is_training_data
    assert "the model was fitted to" in repr(own)
    assert not other.is_training_data
    assert "the model was fitted to" not in repr(other)
    assert multilogit.fit(csv, "kind", C=1.0, holdout="none").evaluate(csv).is_training_data


def test_a_class_that_the_model_does_not_know(results):
    with pytest.raises(InputError, match="row 1 holds the class 'new'"):
        results.evaluate(pl.DataFrame(ROWS | {"kind": ["new"] * 80}))


def test_a_saved_model_gives_the_same_bits(tmp_path, csv):
    first = multilogit.fit(csv, "kind")
    first.save(tmp_path / "m.mlogit")
    again = multilogit.load(str(tmp_path / "m.mlogit"))
    assert (first.evidence is None, again.evidence is None) == (False, True)
    for table in (csv, pd.DataFrame(ROWS), pa.table(ROWS)):
        assert numbers(again.predict_proba(table)).tobytes() == numbers(first.predict_proba(table)).tobytes()
    assert again.classes == first.classes
    assert (again.findings, again.decisions) == (first.findings, first.decisions)
    assert again.explain(one_row()["mapping"]) == first.explain(one_row()["mapping"])
    assert again.evaluate(csv) == first.evaluate(csv)
    assert repr(again) == repr(first)
    again.save(tmp_path / "again.mlogit")
    assert (tmp_path / "again.mlogit").read_bytes() == (tmp_path / "m.mlogit").read_bytes()


def test_printing_shows_what_the_command_line_prints(csv, tmp_path, monkeypatch):
    from multilogit.cli.app import app

    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["train", str(csv), "--target", "kind"], catch_exceptions=False).output
    assert shown.startswith(repr(multilogit.fit(csv, "kind")) + "\n")


def test_no_row_is_in_the_file_of_a_model(tmp_path):
    """Of the rows only what many of them share may leave: levels, words, and numbers about all of them."""
    lengths = [value + 0.123456789 for value in ROWS["length"]]
    secret = [f"9{row:03d}48215573{row:03d}1" for row in range(80)]
    notes = [f"bird number{row % 5} sang near the river today at hour{row}" for row in range(80)]
    notes[17] += " ring-4711-0815x"
    table = ROWS | {"length": lengths, "secret": secret, "note": notes}
    results = multilogit.fit(pl.DataFrame(table), "kind", C=1.0, columns={"secret": "drop"})
    results.save(tmp_path / "m.mlogit")
    data = (tmp_path / "m.mlogit").read_bytes()
    assert next(each.role for each in results.decisions if each.column == "note") == "text"
    assert b"number3" in data
    assert not [each for each in secret if each.encode() in data]
    assert notes[17].encode() not in data
    assert notes[0].encode() not in data
    for value in lengths:
        assert repr(value).encode() not in data
        assert np.float64(value).tobytes() not in data


def test_numbers_that_name_the_rows_are_not_in_the_file_beyond_an_example(tmp_path):
    """The reason why a column was dropped shows one of its values."""
    secret = [f"9{row:03d}48215573{row:03d}1" for row in range(80)]
    results = multilogit.fit(pl.DataFrame(ROWS | {"secret": secret}), "kind", C=1.0)
    assert next(each.role for each in results.decisions if each.column == "secret") == "dropped"
    results.save(tmp_path / "m.mlogit")
    data = (tmp_path / "m.mlogit").read_bytes()
    assert len([each for each in secret if each.encode() in data]) <= 1


def test_a_file_that_was_opened_is_not_opened_again(csv):
    from multilogit.table.source import opened

    table = opened(csv)
    assert opened(table) is table
    assert read_table(csv, Format()).source == table.source


def test_numbers_of_numpy_are_numbers():
    first = multilogit.fit(measurements(), "kind", C=np.float64(2.0), holdout=np.float64(0.3), random_state=np.int64(3))
    again = multilogit.fit(measurements(), "kind", C=2, holdout=0.3, random_state=3)
    assert first.model.record == again.model.record


@pytest.mark.parametrize("argument", ["weights", "groups"])
def test_weights_and_groups_are_named(argument):
    with pytest.raises(InputError, match=f"{argument} must be the name of a column. Got list."):
        multilogit.fit(measurements(), "kind", **{argument: [1.0] * 60})
