import math
from itertools import pairwise

import pytest
from benchmarks.__main__ import chosen
from benchmarks.page import plots, tables
from benchmarks.page.reach import ROWS, Goal, shown, verdict
from benchmarks.page.summary import AtLeast, Best, Summary
from benchmarks.page.write import write_page
from benchmarks.problems import find
from benchmarks.time_to_gap import better


def fit(kind, rival, setting, seconds, gap, **more):
    common = {"kind": kind, "problem": "iris", "dtype": "float64", "rival": rival, "threads": 1}
    return {**common, "setting": setting, "seconds": seconds, "gap": gap, "note": {}, "ended_early": False, **more}


def records():
    """Ours reaches 1e-6 in 2 s at the least, theirs in 10 s by newton-cg; lbfgs is never there."""
    proved = {"note": {"proved": 5e-8, "status": "CONVERGED"}}
    optimum = {"kind": "optimum", "problem": "iris", "dtype": "float64", "rival": "none", "error": 1e-15}
    return [
        {**optimum, "values": [28.9], "source": "certified", "size": "150 x 4 x 3"},
        fit("rung", "sklearn-lbfgs", 8, 1.0, 1e-2),
        fit("rung", "sklearn-lbfgs", 16, 2.0, 2e-4),
        fit("rung", "sklearn-newton-cg", 4, 9.0, 1e-7),
        fit("rung", "multilogit", 1e-3, 1.9, 4e-7, **proved),
        fit("rung", "multilogit", 1e-6, 3.0, 1e-9, **proved),
        *(fit("repeat", "sklearn-lbfgs", 16, s, 2e-4) for s in (2.0, 2.2)),
        *(fit("repeat", "sklearn-newton-cg", 4, s, 1e-7) for s in (9.0, 10.0, 30.0)),
        *(fit("repeat", "multilogit", 1e-3, s, 4e-7, **proved) for s in (2.0, 1.5, 2.5)),
        *(fit("repeat", "multilogit", 1e-6, s, 1e-9, **proved) for s in (3.0, 3.5)),
    ]


def test_the_time_is_the_median_of_the_fastest_setting_that_got_there():
    summary = Summary(records())
    time = summary.time("iris", "float64", "multilogit", 1e-6)
    assert (time.seconds, time.low, time.high, time.samples, time.setting) == (2.0, 1.5, 2.5, 3, 1e-3)
    assert summary.time("iris", "float64", "multilogit", 1e-8).setting == 1e-6
    assert summary.time("iris", "float64", "sklearn-lbfgs", 1e-6) == Best(2e-4, 2.0)
    assert summary.time("iris", "float64", "torch-lbfgs", 1e-6) is None


def test_one_repeat_beside_the_target_disqualifies_a_setting():
    late = [*records(), fit("repeat", "multilogit", 1e-3, 1.0, 2e-6)]
    assert Summary(late).time("iris", "float64", "multilogit", 1e-6).setting == 1e-6


def test_the_ratio_is_to_the_fastest_of_theirs_that_gets_there():
    summary = Summary(records())
    assert summary.peer("iris", "float64", 1e-6)[0] == "sklearn-newton-cg"
    assert summary.ratio("iris", "float64") == 5.0
    unfinished = summary.ratio("iris", "float64", 1e-8)
    assert unfinished == pytest.approx(2.0 / 3.25)  # the longest of lbfgs, which was tried the least
    assert isinstance(unfinished, AtLeast)
    stopped = [{**each, "ended_early": True} for each in records()]
    assert Summary(stopped).ratio("iris", "float64", 1e-8) == math.inf
    assert summary.ratio("iris", "float64", 1e-12) == 0.0
    assert summary.ratio("wine", "float64") is None
    assert Summary([each for each in records() if "sklearn" not in each["rival"]]).ratio("iris", "float64") is None


def test_the_proof_is_that_of_the_fit_whose_tolerance_was_the_target():
    proof = Summary(records()).proved("iris", "float64", 1e-6)
    assert (proof.seconds, proof.note["proved"]) == (3.25, 5e-8)
    assert Summary(records()).proved("iris", "float64", 1e-9) is None


def test_the_best_thread_count_is_by_the_median_of_the_rounds():
    times = [(1, 3.0), (1, 5.0), (1, 4.0), (2, 1.0), (2, 9.0), (2, 8.0)]
    kernel = [{"kind": "kernel", "rival": "multilogit", "threads": threads, "seconds": s} for threads, s in times]
    assert Summary(kernel).best_seconds("kernel", rival="multilogit") == 4.0
    assert Summary(kernel).best_seconds("kernel", rival="products") is None


def test_the_better_thread_count_is_that_of_the_common_settings():
    def rungs(*seconds):
        return [{"setting": 2**i, "seconds": each} for i, each in enumerate(seconds)]

    assert better({1: rungs(1.0, 2.0), 2: rungs(0.9, 1.0, 9.0)}) == 2
    assert better({1: rungs(0.5, 0.8), 2: rungs(0.9, 1.0, 9.0)}) == 1
    assert better({1: [], 2: rungs(5.0)}) == 2
    assert better({1: rungs(5.0), 2: []}) == 1
    assert better({1: [], 2: []}) == 2


@pytest.mark.parametrize(
    ("numbers", "word"),
    [
        ([20.0, 15.0], "aim"),
        ([20.0, 5.0], "at least"),
        ([4.9, 100.0], "short"),
        ([math.inf, 15.0], "aim"),
        ([0.0, 15.0], "short"),
        ([None, 15.0], "aim (in part)"),
        ([None, None], "not measured"),
    ],
)
def test_the_worst_part_gives_the_verdict(numbers, word):
    assert verdict(Goal("", (5,), (15,), ()), numbers) == word


def test_a_goal_may_have_limits_of_its_own_per_part():
    goal = Goal("", (8, 1.5), (20, 3), ())
    assert verdict(goal, [20.0, 3.0]) == "aim"
    assert verdict(goal, [20.0, 1.6]) == "at least"
    assert verdict(goal, [3.0, 3.0]) == "short"


def test_numbers_are_shown_in_words_where_there_are_none():
    assert [shown(number, "x") for number in (None, math.inf, 0.0, 3.14, 56.7, AtLeast(3.14))] == [
        "not measured",
        "theirs never",
        "ours never",
        "3.1x",
        "57x",
        "> 3.1x",
    ]
    assert shown(79.6, "%") == "80 %"
    assert [tables.seconds(value) for value in (12.34, 0.01234, 1.2e-5)] == ["12.3 s", "12.3 ms", "12 us"]


def test_an_optimum_that_is_not_sharp_enough_judges_nothing():
    blunt = [{**each, "error": 1e-8} if each["kind"] == "optimum" else each for each in records()]
    text = tables.fit_table(Summary(blunt), find("iris"), "float64")
    assert "2 s (1.5 s to 2.5 s), 5x" in text
    assert text.count("optimum not known well enough") == 3


def test_the_front_keeps_what_nothing_quicker_undercuts():
    points = [(3.0, 1e-4), (1.0, 1e-2), (2.0, 5e-2), (4.0, 1e-9), (0.5, 1.0)]
    assert plots.front(points) == [(0.5, 1.0), (1.0, 1e-2), (3.0, 1e-4), (4.0, 1e-9)]


def test_labels_move_apart_and_keep_their_order():
    moved = plots.spread([0.5, 0.1, 0.5, 0.52], 0.1)
    assert sorted(range(4), key=moved.__getitem__) == [1, 0, 2, 3]
    assert moved == pytest.approx([0.41, 0.1, 0.51, 0.61], abs=0.005)
    assert plots.spread([0.2, 0.9], 0.1) == pytest.approx([0.2, 0.9])


def test_labels_stay_beside_the_axis():
    for heights in ([0.99, 1.0, 1.2], [-0.5, 0.0, 0.01], [0.5] * 9):
        moved = sorted(plots.spread(heights, 0.1))
        assert moved[0] >= 0
        assert moved[-1] <= 1 + 1e-12
        assert all(b - a >= 0.1 - 1e-12 for a, b in pairwise(moved))


def test_the_page_says_what_the_records_say(monkeypatch, tmp_path):
    monkeypatch.setattr(plots, "draw", lambda summary, folder: [("a.svg", "A picture")])
    more = [
        {
            "kind": "excluded",
            "problem": "iris",
            "dtype": "float64",
            "rival": "statsmodels-newton",
            "reason": "No penalty.",
        },
        {"kind": "unavailable", "problem": "banking77_tfidf", "reason": "It is not here."},
        {"kind": "machine", "facts": {"processor": "slow"}},
        {"kind": "spent", "problem": "iris", "seconds": 120.0},
    ]
    stamped = [{**each, "commit": "abc", "date": "2026-01-01"} for each in [*records(), *more]]
    write_page(stamped, tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for words in (
        "abc on 2026-01-01",
        "slow",
        "iris: 5.0x",
        "![A picture](a.svg)",
        "No penalty.",
        "It is not here.",
        "2 minutes",
    ):
        assert words in text


def test_a_fit_below_the_optimum_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(plots, "draw", lambda summary, folder: [])
    stamp = {"commit": "abc", "date": "2026-01-01"}
    for gap, named in ((-1e-9, True), (-1e-13, False)):
        write_page([{**each, **stamp} for each in [*records(), fit("rung", "jax-lbfgs", 8, 1.0, gap)]], tmp_path)
        text = (tmp_path / "README.md").read_text(encoding="utf-8")
        assert ("Below the optimum" in text) is named


def test_the_pictures_are_the_same_bytes_each_time(tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert plots.draw(Summary(records()), tmp_path / name)[0][0] == "time_to_gap.svg"
    first, second = ((tmp_path / name / "time_to_gap.svg").read_bytes() for name in ("one", "two"))
    assert first == second


def test_every_row_of_the_reach_can_be_asked_of_no_records():
    assert len(ROWS) == 14
    assert all(number is None for goal in ROWS for _, number in goal.measured(Summary([]), "float64"))


def test_words_choose_problems_and_families():
    assert chosen(["dense60k", "functions"]) == ["dense60k", "functions"]
    assert chosen(["toy"]) == ["iris", "wine", "digits", "anes96"]
    assert {"sparse100k", "memory", "kernels"} <= set(chosen([]))
    with pytest.raises(SystemExit, match="No problem or family is called 'dens'"):
        chosen(["dens"])
