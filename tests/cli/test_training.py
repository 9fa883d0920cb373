import json
import re
from pathlib import Path

import pytest
from cli.refusals import nothing_changed, refused

from multilogit import io, table
from multilogit.cli.asked import Training
from multilogit.cli.training import train_file

TRAIN = ("train", "birds.csv", "--target", "kind", "--holdout", "none", "--C", "1")


def test_a_training_returns_what_it_wrote(run, capsys):
    results = train_file(Training(Path("birds.csv"), "kind", Path("m"), C=1.0, holdout="none"))
    assert Path("m").read_bytes() == io.dumps(results.model)
    assert capsys.readouterr().out.startswith("kind from birds.csv\n")


def test_model_and_report_are_written_and_told(run):
    found = run(*TRAIN, "--report", "r.html")
    assert re.search(r"Wrote birds\.mlogit \([\d,]+ bytes\)\nWrote r\.html \([\d,]+ bytes\)\nNext: ", found.stdout)
    page = Path("r.html").read_text()
    assert "multilogit train birds.csv --target kind -o birds.mlogit --C 1.0 --holdout none" in page
    assert run(*TRAIN, "--report", "r.html").exit_code == 0, "its own report is replaced"


def test_the_report_repeats_the_numbers_of_the_terminal(run):
    found = run("train", "birds.csv", "--target", "kind", "--C", "1", "--report", "r.html")
    loss = re.search(r"log loss +(\d\.\d{4})", found.stdout)[1]
    assert loss in Path("r.html").read_text()


def test_a_table_for_the_test_scores_the_final_model(run):
    lines = Path("birds.csv").read_text().splitlines(keepends=True)
    Path("train.csv").write_text("".join(lines[:41]))
    Path("test.csv").write_text("".join([lines[0], *lines[41:]]))
    words = ("train", "train.csv", "--target", "kind", "--holdout", "none", "--C", "1", "--test", "test.csv")
    found = run(*words)
    assert "\nScores of the final model on test.csv\n" in found.stdout
    shown = re.search(r"on test\.csv\n.*\n  log loss +(\d\.\d{4})", found.stdout)[1]
    evaluated = json.loads(run("evaluate", "train.mlogit", "test.csv", "--json").stdout)
    assert f"{evaluated['scores']['log_loss']['model']:.4f}" == shown
    assert json.loads(run(*words, "--json").stdout)["test"] == evaluated["scores"]


@pytest.mark.parametrize(
    "content", [b"", b"length,place,tagged\n1,north,true\n", b"length,place,tagged,kind\n1,n,true\n"]
)
def test_a_damaged_table_for_the_test_leaves_nothing(run, content):
    Path("test.csv").write_bytes(content)
    with nothing_changed():
        refused(run(*TRAIN, "--test", "test.csv", "--report", "r.html"))


@pytest.mark.parametrize("output", ["none/m.mlogit", "birds.csv/m.mlogit", "."])
@pytest.mark.parametrize("option", ["-o", "--report"])
def test_an_output_that_cannot_be_written_is_refused_before_the_fit(run, monkeypatch, option, output):
    monkeypatch.setattr(table, "train", lambda *_: pytest.fail("the fit was in vain"))
    with nothing_changed():
        refused(run(*TRAIN, option, output))


def test_foreign_files_are_not_replaced(run):
    Path("notes.txt").write_text("mine")
    Path("birds.mlogit").write_text("mine too")
    with nothing_changed():
        refused(run(*TRAIN), "birds.mlogit exists and is not a model, so it is not replaced")
        refused(run(*TRAIN, "-o", "notes.txt"), "notes.txt exists and is not a model")
        refused(run(*TRAIN, "-o", "m", "--report", "notes.txt"), "notes.txt exists and is not a report of multilogit")


def test_inputs_and_the_other_output_are_not_overwritten(trained):
    Path("test.csv").write_bytes(Path("birds.csv").read_bytes())
    with nothing_changed():
        refused(trained(*TRAIN, "-o", "birds.csv"), "is the input birds.csv")
        refused(trained(*TRAIN, "--report", "./birds.csv"), "is the input birds.csv")
        refused(trained(*TRAIN, "--test", "test.csv", "-o", "test.csv"), "is the input test.csv")
        refused(trained(*TRAIN, "--report", "birds.mlogit"), "birds.mlogit")


def test_the_model_and_the_report_cannot_be_one_file(run):
    with nothing_changed():
        refused(run(*TRAIN, "-o", "new", "--report", "new"))


def test_a_failed_training_keeps_the_old_model(trained):
    with nothing_changed():
        refused(trained("train", "birds.csv", "--target", "length"), "this looks like regression")


def test_an_interrupt_leaves_nothing(trained, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(table, "train", interrupt)
    with nothing_changed():
        found = trained(*TRAIN)
    assert (found.exit_code, found.stderr) == (130, "Interrupted; nothing was written.\n")


@pytest.mark.parametrize("option", ["-o", "--report"])
def test_the_standard_output_is_no_place_for_a_file(run, option):
    with nothing_changed():
        refused(run("train", "birds.csv", "--target", "kind", option, "-"), "are files, and - is none; name a file")
