import io as streams
from pathlib import Path

import numpy as np
import polars as pl
from table.frames import measurements, with_gaps

from multilogit import io


def test_probabilities_come_through_csv_to_the_bit(trained):
    found = trained("predict", "birds.multilogit", "birds.csv")
    assert (found.exit_code, found.stderr) == (0, "")
    table = pl.read_csv(streams.StringIO(found.stdout))
    expected = io.load("birds.multilogit").predict(pl.DataFrame(measurements()))
    assert table.columns == ["prediction", "p_low", "p_mid", "p_top"]
    assert table["prediction"].to_list() == list(expected.labels)
    np.testing.assert_array_equal(table.drop("prediction").to_numpy(), expected.probabilities)


def test_a_file_holds_what_the_standard_output_would(trained):
    text = trained("predict", "birds.multilogit", "birds.csv", "-o", "-").stdout
    found = trained("predict", "birds.multilogit", "birds.csv", "-o", "p.csv")
    assert found.stdout == "Wrote p.csv (60 rows)\n"
    assert Path("p.csv").read_text() == text


def test_the_target_is_not_needed(trained):
    with_target = trained("predict", "birds.multilogit", "birds.csv").stdout
    pl.DataFrame(measurements()).drop("kind").write_csv("new.csv")
    assert trained("predict", "birds.multilogit", "new.csv").stdout == with_target


def test_rows_without_prediction_keep_their_place(trained):
    pl.DataFrame(with_gaps()).write_csv("gaps.csv")
    whole = trained("predict", "birds.multilogit", "birds.csv").stdout.splitlines()
    found = trained("predict", "birds.multilogit", "gaps.csv")
    lines = found.stdout.splitlines()
    assert found.exit_code == 0
    assert found.stderr == (
        "warning: 2 of 60 rows without prediction; the first: row 2 has no value in column 'length'.\n"
    )
    assert [number for number, line in enumerate(lines) if line == ",,,"] == [2, 5]
    assert [line.split(",")[0] for line in lines if line != ",,,"] == [
        line.split(",")[0] for number, line in enumerate(whole) if number not in {2, 5}
    ]


def test_an_unseen_level_is_told(trained):
    Path("new.csv").write_text("length,place,tagged\n40,north,true\n41,east,FALSE\n")
    found = trained("predict", "birds.multilogit", "new.csv")
    assert found.stdout.splitlines()[2] == ",,,"
    assert "row 2 has 'east' in column 'place', which training never saw" in found.stderr


def test_levels_that_look_like_numbers_are_read_as_in_training(run):
    rows = "".join(f"{code},{y}\n" for code, y in [("01", "a"), ("1", "b"), ("x", "a")] * 10)
    Path("d.csv").write_text(f"code,y\n{rows}")
    assert run("train", "d.csv", "--target", "y", "--categorical", "code").exit_code == 0
    Path("new.csv").write_text("code\n01\n1\n")
    lines = run("predict", "d.multilogit", "new.csv").stdout.splitlines()
    assert [line.split(",")[0] for line in lines] == ["prediction", "a", "b"]


def test_integer_labels_stay_plain(run):
    Path("d.csv").write_text("x,y\n" + "".join(f"{i % 11},{7 + 3 * (i % 11 > 5)}\n" for i in range(44)))
    assert run("train", "d.csv", "--target", "y").exit_code == 0
    lines = run("predict", "d.multilogit", "d.csv").stdout.splitlines()
    assert lines[0] == "prediction,p_7,p_10"
    assert {line.split(",")[0] for line in lines[1:]} == {"7", "10"}


def test_text_beyond_ascii_goes_there_and_back(run):
    Path("d.csv").write_text(
        "länge,größe,y\n" + "".join(f"{i % 5},{'äö'[i % 2]},{'日本' if i % 5 > 2 else 'né'}\n" for i in range(40)),
        encoding="utf-8",
    )
    assert run("train", "d.csv", "--target", "y").exit_code == 0
    assert run("predict", "d.multilogit", "d.csv", "-o", "p.csv").exit_code == 0
    assert Path("p.csv").read_text(encoding="utf-8").startswith("prediction,p_né,p_日本\n")
