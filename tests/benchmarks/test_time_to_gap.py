"""Who takes part for how long: everybody in the first type, the soonest in the second, nobody for ever."""

import math

from benchmarks.ladder import Rung
from benchmarks.time_to_gap import LEAST, PATIENCE, _patience, soonest


def rung(rival, seconds, gap, kind="rung"):
    return {"kind": kind, "rival": rival, "seconds": seconds, "gap": gap}


def test_the_soonest_peers_are_asked_again_and_of_the_others_who_came_nearest():
    records = [
        rung("multilogit", 0.1, 1e-9),
        rung("nothing", 1e-6, 1.0),
        rung("slow", 9.0, 1e-7),
        rung("fast", 2.0, 1e-3),
        rung("fast", 3.0, 1e-6),
        rung("near", 1.0, 1e-5),
        rung("far", 0.1, 1e-1),
        rung("far", 0.1, 1e-9, kind="repeat"),
    ]
    assert soonest(records) == ["fast", "slow", "near"]
    assert soonest(records[:2]) == []


def test_peers_climb_for_a_multiple_of_our_own_way():
    rungs = [Rung(1e-1, 1.0, 1e-4), Rung(1e-4, 2.0, 1e-7)]
    assert _patience(rungs, (1e-3, 1e-6)) == PATIENCE * 2.0
    assert _patience(rungs, (1e-3, 1e-9)) == PATIENCE * 1.0
    assert _patience([Rung(1e-1, 1e-3, 1e-9)], (1e-3,)) == LEAST
    assert _patience(rungs, (1e-9,)) == math.inf
