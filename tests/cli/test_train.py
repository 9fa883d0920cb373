import re
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli.refusals import nothing_changed, refused
from table.frames import measurements

import multilogit
from multilogit import io
from multilogit.table.files import MISSING_MARKS

FAST = ("--holdout", "none", "--C", "1")
TRAIN = ("train", "birds.csv", "--target", "kind")
PENGUINS = Path(__file__).parents[3] / "shared" / "data" / "penguins.csv"


def test_the_whole_output(run):
    found = run(*TRAIN)
    assert (found.exit_code, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[:2] == ["kind from birds.csv", "  Used 60 of 60 rows"]
    assert re.fullmatch(r"  Classes of kind: low \d+, mid \d+, top \d+", lines[2])
    assert lines[3] == "Columns"
    assert re.fullmatch(r"  length  numeric, standardised \(mean [\d.]+, standard deviation [\d.]+\)", lines[4])
    assert lines[5] == "  place   categorical, 3 levels: north, south, west"
    assert lines[6].startswith("  tagged  boolean, 1 where true")
    text = found.stdout
    assert re.search(r"\n  certificate  converged; .*optimum", text)
    assert re.search(r"\nScores by 5-fold cross-validation on 60 rows; .*\n +model +prior only +difference", text)
    assert "The final model is fitted to all 60 rows." in text
    assert "\nWhat moves the answer" in text
    assert lines[-2] == f"Wrote birds.mlogit ({Path('birds.mlogit').stat().st_size:,} bytes)"
    assert lines[-1] == "Next: multilogit predict birds.mlogit birds.csv"


def test_the_model_is_that_of_python(run):
    run(*TRAIN, "--C", "0.5", "--seed", "4", "--holdout", "0.4", "--drop", "tagged", "--categorical", "place")
    loaded = multilogit.load("birds.mlogit")
    columns = {"tagged": "drop", "place": "categorical"}
    direct = multilogit.fit("birds.csv", "kind", C=0.5, random_state=4, holdout=0.4, columns=columns)
    assert loaded.model.record == direct.model.record
    frame = pl.DataFrame(measurements())
    assert loaded.predict_proba(frame).equals(direct.predict_proba(frame))


def test_the_same_file_gives_the_same_model_file(run):
    for output in ("a", "b"):
        assert run(*TRAIN, "-o", output).exit_code == 0
    assert Path("a").read_bytes() == Path("b").read_bytes()


def test_the_seed_draws_other_rows(run):
    models = []
    for seed in ("0", "1"):
        assert run(*TRAIN, "--C", "1", "--seed", seed).exit_code == 0
        models.append(io.load("birds.mlogit"))
    assert models[0].record.seed == 0
    assert models[0].record.assessment != models[1].record.assessment
    np.testing.assert_array_equal(models[0].estimator.coef_, models[1].estimator.coef_)


@pytest.mark.parametrize(
    ("data", "model"),
    [("birds.csv", "birds"), ("birds.v2.csv", "birds.v2"), ("birds.csv.gz", "birds"), ("deep/er/birds.tsv", "birds")],
)
def test_the_model_goes_where_one_stands_under_the_name_of_the_data(run, data, model):
    import gzip

    content = Path("birds.csv").read_bytes()
    Path(data).parent.mkdir(parents=True, exist_ok=True)
    Path(data).write_bytes(gzip.compress(content) if data.endswith(".gz") else content)
    found = run("train", data, "--target", "kind", *FAST)
    assert found.exit_code == 0
    assert f"Wrote {model}.mlogit (" in found.stdout
    assert Path(f"{model}.mlogit").is_file()


def test_the_standard_input_is_a_table(run):
    found = run("train", "-", "--target", "kind", stdin=Path("birds.csv").read_bytes())
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.startswith("kind from standard input\n")
    assert found.stdout.splitlines()[-1] == "Next: multilogit predict model.mlogit -"
    run(*TRAIN)
    frame = pl.DataFrame(measurements())
    one, other = (multilogit.load(f"{name}.mlogit").predict_proba(frame) for name in ("model", "birds"))
    assert one.equals(other)


def test_rows_without_a_target_are_left_out_and_told(run):
    pl.DataFrame(measurements() | {"kind": [None, None, *measurements()["kind"][2:]]}).write_csv("birds.csv")
    found = run(*TRAIN, *FAST)
    assert "  Used 58 of 60 rows\n  Left out 2 rows with no target ('kind')\n" in found.stdout


@pytest.mark.parametrize("mark", [mark for mark in MISSING_MARKS if mark])
def test_marks_of_missing_values(run, mark):
    lines = Path("birds.csv").read_text().splitlines(keepends=True)
    lines[5] = lines[5].replace(lines[5].split(",")[0], f" {mark} ", 1)
    Path("birds.csv").write_text("".join(lines))
    found = run(*TRAIN, *FAST)
    assert re.search(
        r"\n  length  numeric, .*; missing values become the median [\d.]+, and are marked\n", found.stdout
    )


def test_a_mark_of_ones_own_is_remembered(run):
    Path("d.csv").write_text("x,y\n" + "1,a\n2,b\n-,b\n3,a\n" * 3)
    refused(run("train", "d.csv", "--target", "y", *FAST), "line 4", "'-' is none", "add --na '-'")
    assert run("train", "d.csv", "--target", "y", "--na", "-", *FAST).exit_code == 0
    found = run("predict", "d.mlogit", "d.csv")
    assert (found.exit_code, len(found.stdout.splitlines())) == (0, 13)


def test_columns_that_are_dropped_are_told_why(run):
    table = measurements() | {
        "id": list(range(1, 61)),
        "name": [f"bird {i}" for i in range(60)],
        "year": [2007] * 60,
        "seen": [f"2007-01-{i % 28 + 1:02d}" for i in range(60)],
        "note": [None] * 60,
        "reference": [2**53 + 1 + 7 * (i * 11 % 60) for i in range(60)],
        "price": [f"${i}.50" for i in range(60)],
        "clock": [f"{i % 3 + 9}:30" for i in range(60)],
    }
    pl.DataFrame(table).write_csv("birds.csv")
    text = run(*TRAIN, *FAST, "--drop", "tagged").stdout
    for name, reason in {
        "tagged": "you left it out",
        "id": "it counts the rows",
        "name": r"it names the rows \(60 different texts in 60 rows\)",
        "year": "it is constant: '2007'",
        "seen": "it holds dates or times",
        "note": "it holds no values",
        "reference": r"it holds integers beyond 2\^53",
        "price": "its texts look like numbers with a sign or unit",
        "clock": "it holds dates or times",
    }.items():
        assert re.search(rf"\n  {name} +dropped: {reason}", text), name


def test_the_user_says_how_columns_are_taken(run):
    table = measurements() | {"w": [0, 1, 2] * 20, "code": [1, 2, 3] * 20, "zip": ["01", "02", "3"] * 20}
    table["note"] = [f"a bird, the {'big' if i % 2 else 'small'} one" for i in range(60)]
    pl.DataFrame(table).write_csv("birds.csv")
    words = ("--weights", "w", "--categorical", "code", "--numeric", "zip", "--text", "note", "--drop", "place")
    text = run(*TRAIN, *FAST, *words).stdout
    assert "  Used 40 of 60 rows\n  Left out 20 rows with weight 0 ('w')\n" in text
    for name, words in {
        "code": "categorical, 2 levels: 2, 3",
        "zip": r"numeric, standardised \(mean 2\.\d+",
        "note": r"text, TF-IDF of \d words",
        "place": "dropped: you left it out",
        "w": "weights: you named it the weights",
    }.items():
        assert re.search(rf"\n  {name} +{words}", text), name


def test_groups_are_held_out_together(run):
    pl.DataFrame(measurements() | {"nest": [f"n{i % 7}" for i in range(60)]}).write_csv("birds.csv")
    found = run(*TRAIN, "--groups", "nest", "--C", "1")
    assert re.search(r"\n  nest +groups: you named it the groups\n", found.stdout)
    assert io.load("birds.mlogit").schema.groups == "nest"


def test_codes_with_leading_zeros_stay_text(run):
    rows = "".join(f"{i % 5},{'007' if i % 2 else '7'},{'ab'[i % 3 == 0]}\n" for i in range(40))
    Path("d.csv").write_text(f"x,code,y\n{rows}")
    assert "  code  categorical, 2 levels: 007, 7\n" in run("train", "d.csv", "--target", "y", *FAST).stdout


def test_without_penalty(run):
    text = run(*TRAIN, "--C", "inf", "--holdout", "none").stdout
    assert "no penalty (C = inf)" in text
    assert re.search(r"  place +categorical, 3 levels: .*reference", text)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--holdout", "none"), "No rows were held out, so nothing is known about other rows."),
        (("--holdout", "0.25"), "Scores on 15 rows held out, by a fit to the others"),
        (("--holdout", "cv"), "Scores by 5-fold cross-validation on 60 rows"),
    ],
)
def test_what_scores_the_model(run, words, sentence):
    assert sentence in run(*TRAIN, "--C", "1", *words).stdout


def test_five_hundred_classes_train(run):
    generator = np.random.default_rng(0)
    rows = "".join(
        f"{k + 0.1 * generator.normal():.3f},{k % 23},city {k:03d}\n" for k in generator.permutation(500).tolist() * 3
    )
    Path("cities.csv").write_text(f"x,z,y\n{rows}")
    found = run("train", "cities.csv", "--target", "y", *FAST)
    assert found.exit_code == 0
    assert "softmax regression, 500 classes" in found.stdout
    assert "and 480 more" in found.stdout


def separated():
    Path("d.csv").write_text("x,y\n" + "".join(f"{(i * 7) % 40},{'ab'[(i * 7) % 40 >= 20]}\n" for i in range(40)))
    return ("train", "d.csv", "--target", "y")


def test_findings_are_told_and_change_no_exit_code(run):
    found = run(*separated(), *FAST)
    assert (found.exit_code, found.stderr) == (0, "")
    assert "What not to trust\n  ML301  The columns separate classes perfectly in these rows: a from b." in found.stdout


def test_strict_exits_with_3_after_writing_the_files(run):
    found = run(*separated(), *FAST, "--strict", "--report", "r.html")
    assert (found.exit_code, found.stderr) == (3, "")
    assert run(*separated(), *FAST, "--strict", "--quiet").stderr == "error: there are findings: ML301.\n"
    assert io.load("d.mlogit").schema.target == "y"
    assert Path("r.html").stat().st_size > 10_000


def test_strict_without_a_finding(run):
    assert run(*TRAIN, *FAST, "--strict").exit_code == 0


def test_a_finding_is_ignored_by_its_code(run):
    found = run(*separated(), *FAST, "--strict", "--ignore", "ML301")
    assert found.exit_code == 0
    assert "ML301" not in found.stdout


def test_a_code_that_does_not_exist(run):
    with nothing_changed():
        found = run(*TRAIN, "--ignore", "ML999")
    assert found.exit_code == 2
    assert "'ML999' is no code of a finding" in found.stderr


def test_a_separation_without_penalty_is_a_finding(run):
    found = run(*separated(), "--C", "inf", "--holdout", "none")
    assert (found.exit_code, found.stderr) == (0, "")
    assert "certificate  separated" in found.stdout
    assert "No finite optimum exists" in io.load("d.mlogit").record.findings[0].why
    assert "Use a finite C." in found.stdout


def test_useless_columns_are_told(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 7},{'ab'[i % 2]}\n" for i in range(40)))
    assert "  ML401  The log loss is " in run("train", "d.csv", "--target", "y", "--C", "1000").stdout


def test_quiet_prints_nothing(run):
    found = run(*TRAIN, *FAST, "--quiet", "--report", "r.html")
    assert (found.exit_code, found.output) == (0, "")
    assert Path("birds.mlogit").is_file()
    assert Path("r.html").is_file()


def test_the_next_command_works_for_every_name(run):
    Path("-my birds.csv").write_bytes(Path("birds.csv").read_bytes())
    found = run("train", *FAST, "--target", "kind", "--", "-my birds.csv")
    words = shlex.split(found.stdout.splitlines()[-1].removeprefix("Next: multilogit "))
    assert words == ["predict", "./-my birds.mlogit", "./-my birds.csv"]
    assert run(*words).exit_code == 0


def test_line_breaks_in_names_and_levels_are_escaped(run):
    rows = "".join(f'{i % 7},"p\nq{i % 2}",{"ab"[i % 3 == 0]}\n' for i in range(40))
    Path("d.csv").write_text(f'x,"two\nlines",y\n{rows}')
    found = run("train", "d.csv", "--target", "y", *FAST)
    assert "  two\\nlines  categorical, 2 levels: p\\nq0, p\\nq1\n" in found.stdout


def test_parquet_gives_the_same_predictions(run):
    run(*TRAIN, *FAST)
    pl.DataFrame(measurements()).write_parquet("table.parquet")
    assert run("train", "table.parquet", "--target", "kind", "-o", "p", *FAST).exit_code == 0
    expected = run("predict", "birds.mlogit", "birds.csv").stdout
    assert run("predict", "p", "birds.csv").stdout == expected
    assert run("predict", "birds.mlogit", "table.parquet").stdout == expected


def test_many_columns_are_shown_in_short(run):
    table = {f"x{i}": [float(i + row % (i + 2)) for row in range(40)] for i in range(30)}
    pl.DataFrame(table | {"y": ["a", "b"] * 20}).write_csv("wide.csv")
    text = run("train", "wide.csv", "--target", "y", *FAST).stdout
    assert re.search(r"  x0 +numeric, .*\n  \.\.\. +numeric, standardised: 28 more columns\n  x29 +numeric, .*\n", text)


def test_a_narrow_terminal_cuts_nothing(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert "  place   categorical, 3 levels: north, south, west\n" in run(*TRAIN, *FAST).stdout


def test_penguins(run):
    if not PENGUINS.exists():
        pytest.skip("needs penguins.csv")
    found = run("train", PENGUINS, "--target", "species", "--C", "1")
    assert (found.exit_code, found.stderr) == (0, "")
    assert "  Used 344 of 344 rows\n" in found.stdout
    assert found.stdout.endswith(f"Next: multilogit predict penguins.mlogit {PENGUINS}\n")


def test_the_next_command_reads_the_data_as_it_is_written(run):
    Path("semi.csv").write_text(Path("birds.csv").read_text().replace(",", ";").replace(".", ","))
    found = run("train", "semi.csv", "--target", "kind", "--decimal", ",", *FAST)
    last = found.stdout.splitlines()[-1]
    assert last == "Next: multilogit predict semi.mlogit semi.csv --decimal ,"
    assert run(*last.split()[2:]).exit_code == 0
    refused(run("predict", "semi.mlogit", "semi.csv"), "expected a number", "add --decimal ','")
