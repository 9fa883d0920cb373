import io as streams
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli.refusals import nothing_changed, refused
from table.frames import measurements, with_gaps

import multilogit

FAST = ("--holdout", "none", "--C", "1")


def read(text):
    return pl.read_csv(streams.StringIO(text))


def test_probabilities_come_through_csv_to_the_bit(trained):
    found = trained("predict", "birds.mlogit", "birds.csv")
    assert found.exit_code == 0
    written = read(found.stdout)
    results, frame = multilogit.load("birds.mlogit"), pl.DataFrame(measurements())
    assert written.columns == ["prediction", "p_low", "p_mid", "p_top"]
    assert written["prediction"].to_list() == results.predict(frame).to_list()
    assert written.drop("prediction").equals(results.predict_proba(frame))
    np.testing.assert_array_equal(written.drop("prediction").to_numpy(), results.predict_proba(frame).to_numpy())


def test_seventeen_digits_are_written(trained):
    cells = trained("predict", "birds.mlogit", "birds.csv").stdout.splitlines()[1].split(",")[1:]
    assert cells == [f"{float(cell):.17g}" for cell in cells]
    assert max(len(cell.replace(".", "").lstrip("0")) for cell in cells) == 17


def test_a_file_holds_what_the_standard_output_would(trained):
    text = trained("predict", "birds.mlogit", "birds.csv", "-o", "-").stdout
    found = trained("predict", "birds.mlogit", "birds.csv", "-o", "p.csv")
    assert found.exit_code == 0
    assert found.stdout == "", "the result is in the file"
    assert found.stderr.startswith("Wrote p.csv (60 rows)\n")
    assert Path("p.csv").read_text() == text


@pytest.mark.parametrize("name", ["p.parquet", "P.PQ"])
def test_parquet_by_its_name(trained, name):
    text = trained("predict", "birds.mlogit", "birds.csv").stdout
    for _ in range(2):  # its own file is replaced
        assert trained("predict", "birds.mlogit", "birds.csv", "-o", name).exit_code == 0
        assert pl.read_parquet(name).equals(read(text))


def test_a_table_in_parquet_is_not_replaced(trained):
    pl.DataFrame(measurements()).write_parquet("mine.parquet")
    with nothing_changed():
        refused(trained("predict", "birds.mlogit", "birds.csv", "-o", "mine.parquet"), "mine.parquet exists and is not")


def test_the_standard_input_is_a_table(trained):
    expected = trained("predict", "birds.mlogit", "birds.csv").stdout
    found = trained("predict", "birds.mlogit", "-", stdin=Path("birds.csv").read_bytes())
    assert (found.exit_code, found.stdout) == (0, expected)


@pytest.mark.parametrize("stdin", [b"", b"length\n1\n", b"length,place,tagged\n1,north\n"])
def test_a_damaged_standard_input(trained, stdin):
    with nothing_changed():
        refused(trained("predict", "birds.mlogit", "-", stdin=stdin))


def test_the_target_and_other_columns_are_ignored_with_a_note(trained):
    expected = trained("predict", "birds.mlogit", "birds.csv").stdout
    frame = pl.DataFrame(measurements())
    frame.drop("kind").write_csv("new.csv")
    found = trained("predict", "birds.mlogit", "new.csv")
    assert (found.stdout, found.stderr) == (expected, "")
    frame.with_columns(ring=pl.lit("r")).write_csv("new.csv")
    found = trained("predict", "birds.mlogit", "new.csv")
    assert found.stdout == expected
    assert found.stderr == "note: columns that the model does not use: kind, ring\n"


def test_many_ignored_columns_are_one_short_line(trained):
    frame = pl.DataFrame(measurements()).with_columns(pl.lit(1).alias(f"x{i}") for i in range(50))
    frame.write_csv("new.csv")
    found = trained("predict", "birds.mlogit", "new.csv")
    assert found.stderr == "note: columns that the model does not use: kind, x0, x1, x2, x3, x4 and 45 more\n"


def test_every_row_is_predicted_in_its_place(trained):
    pl.DataFrame(with_gaps()).write_csv("gaps.csv")
    whole = trained("predict", "birds.mlogit", "birds.csv").stdout.splitlines()
    found = trained("predict", "birds.mlogit", "gaps.csv")
    lines = found.stdout.splitlines()
    assert found.exit_code == 0
    assert len(lines) == len(whole)
    assert [number for number, line in enumerate(lines) if line != whole[number]] == [2, 5]
    assert (
        "note: column 'length' has no value in 1 row (the first: row 2); in training every row had one" in found.stderr
    )
    assert "note: column 'place' has no value in 2 rows (the first: row 2)" in found.stderr


def test_unseen_levels_are_counted_on_the_standard_error(trained):
    Path("new.csv").write_text("length,place,tagged\n40,north,true\n41,east,FALSE\n42,east,true\n43,up,true\n")
    found = trained("predict", "birds.mlogit", "new.csv")
    assert (found.exit_code, len(found.stdout.splitlines())) == (0, 5)
    assert found.stderr == ("note: column 'place' holds what training never saw in 3 rows (the first: row 2, 'east')\n")


def test_a_missing_column_is_an_error(trained):
    pl.DataFrame(measurements()).rename({"length": "lenght"}).write_csv("new.csv")
    with nothing_changed():
        refused(
            trained("predict", "birds.mlogit", "new.csv", "-o", "p.csv"),
            "no column 'length' (an input of the model). Did you mean 'lenght'?",
        )


def test_levels_that_look_like_numbers_are_read_as_in_training(run):
    rows = "".join(f"{code},{y}\n" for code, y in [("01", "a"), ("1", "b"), ("x", "a")] * 10)
    Path("d.csv").write_text(f"code,y\n{rows}")
    assert run("train", "d.csv", "--target", "y", "--categorical", "code", *FAST).exit_code == 0
    Path("new.csv").write_text("code\n01\n1\n")
    lines = run("predict", "d.mlogit", "new.csv").stdout.splitlines()
    assert [line.split(",")[0] for line in lines] == ["prediction", "a", "b"]


def test_integer_labels_stay_plain(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 11},{7 + 3 * (i % 11 > 5)}\n" for i in range(44)))
    assert run("train", "d.csv", "--target", "y", *FAST).exit_code == 0
    lines = run("predict", "d.mlogit", "d.csv").stdout.splitlines()
    assert lines[0] == "prediction,p_7,p_10"
    assert {line.split(",")[0] for line in lines[1:]} == {"7", "10"}


def test_text_beyond_ascii_goes_there_and_back(run):
    Path("d.csv").write_text(
        "länge,größe,y\n" + "".join(f"{i % 5},{'äö'[i % 2]},{'日本' if i % 5 > 2 else 'né'}\n" for i in range(40)),
        encoding="utf-8",
    )
    assert run("train", "d.csv", "--target", "y", *FAST).exit_code == 0
    assert run("predict", "d.mlogit", "d.csv", "-o", "p.csv").exit_code == 0
    assert Path("p.csv").read_text(encoding="utf-8").startswith("prediction,p_né,p_日本\n")


def test_classes_with_commas_and_quotes_are_read_back(run):
    Path("d.csv").write_text(
        "x,y\n" + "".join(f"{i % 5},{chr(34)}{'a,b' if i % 5 > 2 else 'c'}{chr(34)}\n" for i in range(40))
    )
    assert run("train", "d.csv", "--target", "y", *FAST).exit_code == 0
    written = read(run("predict", "d.mlogit", "d.csv").stdout)
    assert written.columns == ["prediction", "p_a,b", "p_c"]
    assert set(written["prediction"]) == {"a,b", "c"}


def test_other_separators_decimals_and_encodings(trained):
    text = Path("birds.csv").read_text().replace(",", ";").replace(".", ",").replace("kind", "größe")
    Path("new.csv").write_bytes(text.encode("latin-1"))
    expected = trained("predict", "birds.mlogit", "birds.csv").stdout
    words = ("predict", "birds.mlogit", "new.csv")
    refused(trained(*words), "new.csv, line 1: byte 0xf6 is not UTF-8 text; add --encoding latin-1")
    refused(trained(*words, "--encoding", "latin-1"), "line 2", "expected a number")
    assert trained(*words, "--encoding", "latin-1", "--decimal", ",").stdout == expected
    assert trained(*words, "--encoding", "latin-1", "--decimal", ",", "--separator", ";").stdout == expected


@pytest.mark.parametrize("output", ["none/p.csv", ".", "birds.csv", "birds.mlogit", "notes.txt"])
def test_predictions_that_cannot_be_written(trained, output):
    Path("notes.txt").write_text("mine")
    with nothing_changed():
        refused(trained("predict", "birds.mlogit", "birds.csv", "-o", output), output)


def test_predictions_are_replaced_by_predictions(trained):
    Path("empty").touch()
    for output in ("p.csv", "p.csv", "empty"):
        assert trained("predict", "birds.mlogit", "birds.csv", "-o", output).exit_code == 0


@pytest.mark.parametrize("name", ["o.xlsx", "o.json", "o.csv.gz"])
def test_a_name_of_another_kind_of_file_is_refused(trained, name):
    with nothing_changed():
        refused(trained("predict", "birds.mlogit", "birds.csv", "-o", name), "written as CSV or Parquet", name)
