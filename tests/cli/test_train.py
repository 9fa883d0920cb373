import importlib
import math
import re
import shlex
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from table.frames import measurements, with_gaps

from multilogit import io
from multilogit.cli import wording
from multilogit.cli.reading import MISSING_MARKS
from multilogit.errors import Status
from multilogit.table import train

cli_train = importlib.import_module("multilogit.cli.train")
PENGUINS = Path(__file__).parents[3] / "shared" / "data" / "penguins.csv"


def test_the_whole_output(run):
    found = run("train", "birds.csv", "--target", "kind")
    assert (found.exit_code, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[0] == "Read birds.csv: 60 rows, 4 columns"
    assert lines[1] == "Used 60 of 60 rows"
    assert re.fullmatch(r"Classes of kind: low \d+, mid \d+, top \d+", lines[2])
    assert [line.strip() for line in lines[3:7]] == [
        "Columns",
        "length  numeric",
        "place   categorical, 3 levels: north, south, west",
        "tagged  boolean: 1 where true",
    ]
    text = found.stdout
    assert re.search(r"certificate  converged; .*optimum", text)
    assert "aliased" not in text
    assert re.search(r"Scores on 15 held-out rows, from a fit to the other 45\n +log loss  accuracy\n  the fit", text)
    assert re.search(r"classes' shares alone +\d\.\d{4} +\d\.\d{4}\n", text)
    assert "The saved model is fitted to all 60 rows." in text
    assert lines[-2] == f"Wrote birds.multilogit ({Path('birds.multilogit').stat().st_size:,} bytes)"
    assert lines[-1] == "Next: multilogit predict birds.multilogit birds.csv"


def test_the_model_is_that_of_the_table_face(run):
    run("train", "birds.csv", "--target", "kind", "--C", "0.5", "--seed", "4", "--holdout", "0.4")
    direct = train(
        pl.DataFrame(measurements()),
        "kind",
        C=0.5,
        seed=4,
        holdout=0.4,
        missing_marks=MISSING_MARKS,
        source=io.load("birds.multilogit").record.source,
    )
    assert Path("birds.multilogit").read_bytes() == io.dumps(direct)


def test_the_same_file_gives_the_same_model_file(run):
    for output in ("a", "b"):
        assert run("train", "birds.csv", "--target", "kind", "-o", output).exit_code == 0
    assert Path("a").read_bytes() == Path("b").read_bytes()


def test_rows_that_are_left_out_are_told(run):
    pl.DataFrame(with_gaps()).write_csv("birds.csv")
    found = run("train", "birds.csv", "--target", "kind")
    assert "Used 58 of 60 rows\nLeft out 2 rows with missing values (length 1, place 2)\n" in found.stdout


@pytest.mark.parametrize("mark", [mark for mark in MISSING_MARKS if mark])
def test_marks_of_missing_values(run, mark):
    lines = Path("birds.csv").read_text().splitlines(keepends=True)
    lines[5] = lines[5].replace(lines[5].split(",")[0], f" {mark} ", 1)
    Path("birds.csv").write_text("".join(lines))
    assert "(length 1)" in run("train", "birds.csv", "--target", "kind").stdout


def test_a_mark_of_ones_own_is_remembered(run):
    Path("d.csv").write_text("x,y\n1,a\n2,b\n-,b\n3,a\n")
    assert "(x 1)" in run("train", "d.csv", "--target", "y", "--na", "-").stdout
    found = run("predict", "d.multilogit", "d.csv")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[3] == ",,"


def test_columns_that_are_left_out_are_told_why(run):
    table = measurements() | {
        "id": list(range(1, 61)),
        "name": [f"bird {i}" for i in range(60)],
        "year": [2007] * 60,
        "seen": [f"2007-01-{i % 28 + 1:02d}" for i in range(60)],
        "note": [None] * 60,
        "nr": list(range(101, 161)),
        "reference": [2**53 + 1 + 7 * (i * 11 % 60) for i in range(60)],
        "price": [f"${i}.50" for i in range(60)],
        "day": [f"{i % 28 + 1}/12/2020" for i in range(60)],
        "clock": [f"{i % 3 + 9}:30" for i in range(60)],
    }
    pl.DataFrame(table).write_csv("birds.csv")
    text = run("train", "birds.csv", "--target", "kind", "--exclude", "tagged").stdout
    for name, reason in {
        "tagged": "you excluded it",
        "id": "it counts the rows",
        "name": "each of its 60 texts occurs once",
        "year": "it is constant: 2007",
        "seen": "it holds dates or times",
        "note": "it holds no values",
        "nr": "it counts the rows",
        "reference": "it holds integers that float64 would round .* add --categorical 'reference'",
        "price": "its texts look like numbers with a sign or unit",
        "day": "it holds dates or times",
        "clock": "it holds dates or times",
    }.items():
        assert re.search(rf"  {name} +left out: {reason}", text), name


def test_weights_and_levels_of_numbers(run):
    pl.DataFrame(measurements() | {"w": [0, 1, 2] * 20, "code": [1, 2, 3] * 20}).write_csv("birds.csv")
    text = run("train", "birds.csv", "--target", "kind", "--weights", "w", "--categorical", "code").stdout
    assert "Used 40 of 60 rows\nLeft out 20 rows of weight 0 (w)\n" in text
    assert re.search(r"  code +categorical, 2 levels: 2, 3\n", text)
    assert re.search(r"  w +weights of the rows\n", text)


def test_without_penalty(run):
    text = run("train", "birds.csv", "--target", "kind", "--C", "inf").stdout
    assert "no penalty (C = inf)" in text
    assert "north, south, west; reference north" in text


def test_nothing_held_out(run):
    assert (
        "No rows were held out, so there are no scores."
        in run("train", "birds.csv", "--target", "kind", "--holdout", "0").stdout
    )


def test_useless_columns_are_told(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 7},{'ab'[i % 2]}\n" for i in range(40)))
    assert "the columns did not help" in run("train", "d.csv", "--target", "y", "--C", "1000").stdout


SEPARATED = "x,y\n" + "".join(f"{(i * 7) % 40},{'ab'[(i * 7) % 40 >= 20]}\n" for i in range(40))


def test_a_separation_is_one_line_in_the_words_of_the_command(run):
    Path("d.csv").write_text(SEPARATED)
    found = run("train", "d.csv", "--target", "y", "--C", "inf")
    assert found.exit_code == 0
    assert found.stderr.startswith(
        "warning: the saved fit and the fit for the held-out scores: the columns separate classes perfectly (a from b)"
    )
    assert "use a finite --C, or --exclude the column" in found.stderr
    assert found.stderr.count("\n") == 1
    assert "certificate  separated" in found.stdout
    assert "certificate_" not in found.stderr + found.stdout


@pytest.mark.parametrize(
    ("C", "saved", "scored", "sentences"),
    [
        (1.0, Status.CONVERGED, Status.CONVERGED, []),
        (
            1e12,
            Status.STALLED,
            Status.CONVERGED,
            ["the saved fit: the optimum .* --C 1e\\+12 is too large .* smaller --C"],
        ),
        (1e12, Status.CONVERGED, Status.MAX_ITER, ["the fit for the held-out scores: the optimum .* smaller --C"]),
        (
            math.inf,
            Status.UNDECIDED,
            Status.SEPARATED,
            [
                "the saved fit: neither a finite optimum nor a separation .* finite --C",
                "the fit for the held-out scores: the columns separate classes perfectly",
            ],
        ),
    ],
)
def test_what_is_wrong_with_each_fit(C, saved, scored, sentences):
    model = train(pl.DataFrame(measurements()), "kind", C=min(C, 1.0))
    model.estimator.C = C
    model.estimator.certificate_ = replace(model.estimator.certificate_, status=saved)
    record = replace(model.record, held_out=replace(model.record.held_out, status=scored))
    found = list(wording.warnings(replace(model, record=record)))
    assert len(found) == len(sentences)
    for text, sentence in zip(found, sentences, strict=True):
        assert re.match(sentence, text)


def test_overconfidence_is_not_taken_for_useless_columns(run):
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 30))
    y = np.where(X[:, 0] + generator.normal(size=60) > 0, "b", "a").tolist()
    pl.DataFrame({f"x{j}": X[:, j] for j in range(30)} | {"y": y}).write_csv("d.csv")
    assert (
        "the fit is overconfident; the cure is a finite --C." in run("train", "d.csv", "-t", "y", "--C", "inf").stdout
    )


def test_a_difference_that_rounds_to_zero():
    held_out = train(pl.DataFrame(measurements()), "kind").record.held_out
    same = replace(held_out, log_loss=held_out.prior_log_loss + 1e-9)
    assert "0.0000" not in wording.verdict(same, 1.0)


def test_a_terminal_is_told_that_the_fit_runs(run, monkeypatch):
    monkeypatch.setattr(cli_train, "sys", SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: True)))
    found = run("train", "birds.csv", "--target", "kind")
    assert found.stderr == "Fitting...\n"


def test_the_next_command_works_for_every_name(run):
    Path("-my birds.csv").write_bytes(Path("birds.csv").read_bytes())
    found = run("train", "--target", "kind", "--", "-my birds.csv")
    words = shlex.split(found.stdout.splitlines()[-1].removeprefix("Next: multilogit "))
    assert words == ["predict", "./-my birds.multilogit", "./-my birds.csv"]
    assert run(*words).exit_code == 0


def test_line_breaks_in_names_and_levels_are_escaped(run):
    rows = "".join(f'{i % 7},"p\nq{i % 2}",{"ab"[i % 3 == 0]}\n' for i in range(40))
    Path("d.csv").write_text(f'x,"two\nlines",y\n{rows}')
    found = run("train", "d.csv", "--target", "y")
    assert "  two\\nlines  categorical, 2 levels: p\\nq0, p\\nq1\n" in found.stdout


def test_other_separators_quotes_and_a_byte_order_mark(run):
    plain = run("train", "birds.csv", "--target", "kind").stdout
    text = Path("birds.csv").read_text()
    for separator in (";", "\t", "|"):
        quoted = "\r\n".join(separator.join(f'"{value}"' for value in line.split(",")) for line in text.split())
        Path("birds.csv").write_bytes(b"\xef\xbb\xbf" + quoted.encode())
        assert run("train", "birds.csv", "--target", "kind").stdout == plain


def test_parquet_gives_the_same_predictions(run):
    run("train", "birds.csv", "--target", "kind")
    pl.DataFrame(measurements()).write_parquet("table.parquet")
    assert run("train", "table.parquet", "--target", "kind", "-o", "p").exit_code == 0
    expected = run("predict", "birds.multilogit", "birds.csv").stdout
    assert run("predict", "p", "birds.csv").stdout == expected
    assert run("predict", "birds.multilogit", "table.parquet").stdout == expected


def test_many_columns_are_shown_in_short(run):
    table = {f"x{i}": [float(i + row % (i + 2)) for row in range(40)] for i in range(30)}
    pl.DataFrame(table | {"y": ["a", "b"] * 20}).write_csv("wide.csv")
    text = run("train", "wide.csv", "--target", "y").stdout
    assert re.search(r"  x0 +numeric\n  \.\.\. +numeric: 28 more columns\n  x29 +numeric\n", text)


def test_a_narrow_terminal_cuts_nothing(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert (
        "  place   categorical, 3 levels: north, south, west\n" in run("train", "birds.csv", "--target", "kind").stdout
    )


def test_penguins(run):
    if not PENGUINS.exists():
        pytest.skip("needs penguins.csv")
    found = run("train", PENGUINS, "--target", "species")
    assert (found.exit_code, found.stderr) == (0, "")
    assert "Used 333 of 344 rows\nLeft out 11 rows with missing values (bill_length_mm 2," in found.stdout
    assert found.stdout.endswith(f"Next: multilogit predict penguins.multilogit {PENGUINS}\n")
