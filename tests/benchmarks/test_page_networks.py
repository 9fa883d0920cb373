"""The section on networks, and its rows of the reach."""

import pytest
from benchmarks.page.networks import network_tables
from benchmarks.page.reach import ROWS, verdict
from benchmarks.page.summary import Summary
from benchmarks.page.tables import reach_table
from benchmarks.page.write import write_page


def network(work, rival, seconds, threads=1, dtype="float32", **more):
    common = {"kind": "network", "problem": f"networks {work}", "dtype": dtype, "rival": rival, "threads": threads}
    about = {"epochs": 50, "measured_epochs": 50, "loss": 0.125, "steps": 450, "commit": "abc", "date": "2026-01-01"}
    return {**common, **about, "seconds": seconds, **more}


def records():
    sampled = {"epochs": 100_000, "measured_epochs": 300, "steps": 300}
    return [
        network("xor", "keras", 200.0, **sampled),
        network("xor", "keras", 220.0, threads=2, **sampled),
        network("xor", "jax", 0.05, compile_seconds=0.5),
        *(network("xor", "multilogit", seconds, threads=2) for seconds in (0.2, 0.5, 0.1)),
        network("xor", "multilogit", 0.1),
    ]


def test_a_row_says_what_was_measured():
    lines = network_tables(Summary(records())).splitlines()
    assert lines[0] == "### xor, float32"
    assert "4 rows: the exclusive or. 2 hidden units, sigmoid; sigmoid, mean squared error; SGD" in lines[2]
    assert lines[6:] == [
        "| **multilogit** | 1 | 100 ms (once) | 1x | 0.1250 | 450 |  |",
        "| **multilogit** | 2 | 200 ms (100 ms to 500 ms) | 2x | 0.1250 | 450 |  |",
        "| keras | 1 | 200 s (once) | 2e+03x | 0.1250 | 300 | scaled from 300 epochs |",
        "| keras | 2 | 220 s (once) | 2.2e+03x | 0.1250 | 300 | scaled from 300 epochs |",
        "| jax | 1 | 50 ms (once) | 0.5x | 0.1250 | 450 | compiled before, in 500 ms |",
    ]


def test_without_ours_there_is_no_ratio():
    rivals = [each for each in records() if each["rival"] != "multilogit"]
    assert "| jax | 1 | 50 ms (once) |  |" in network_tables(Summary(rivals))
    assert network_tables(Summary([])) == ""


def test_the_reach_compares_the_better_thread_counts():
    goal = next(goal for goal in ROWS if "xor" in goal.what)
    measured = goal.measured(Summary(records()), "float32")
    assert [number for _, number in measured] == pytest.approx([2_000.0, 0.5])
    assert verdict(goal, [number for _, number in measured]) == "short"
    line = next(line for line in reach_table(Summary(records())).splitlines() if "xor" in line)
    assert line.endswith("| not asked | against Keras: 2000x; against JAX: 0.5x | short |")


def test_one_verdict_per_type_where_they_differ():
    found = [network("digits", rival, seconds) for rival, seconds in (("multilogit", 1.0), ("sklearn-mlp", 6.0))]
    line = next(line for line in reach_table(Summary(found)).splitlines() if "MLPClassifier |" in line)
    assert line.endswith("| 5x | 15x | not measured | 6.0x | float64: not measured; float32: at least |")


def test_the_page_has_the_section(monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.page.plots.draw", lambda summary, folder: [])
    write_page(records(), tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "## Networks\n" in text
    assert "scaled from 300 epochs" in text
    assert "| commit | abc on 2026-01-01 |" in text
