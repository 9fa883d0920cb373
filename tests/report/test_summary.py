import numpy as np
from report.examples import birds, fitted

import multilogit
from multilogit.report import Section, plain, summary


def anchors(found):
    return [each.anchor for each in found]


def test_the_order_of_the_sections():
    results = fitted()
    expected = ["data", "columns", "fit", "scores", "effects", *(["findings"] if results.findings else [])]
    assert anchors(summary(results)) == expected


def test_without_scores_it_says_that_nothing_is_known():
    scores = next(each for each in summary(fitted(holdout="none")) if each.anchor == "scores")
    assert scores.tables == ()
    assert "nothing is known about other rows" in scores.sentences[0]


def test_scores_on_another_table_stand_below_the_own():
    results = fitted()
    found = summary(results, Section("evaluation", "Scores on other.csv"))
    assert anchors(found)[3:5] == ["scores", "evaluation"]
    assert found[4].title == "Scores on other.csv"


def test_three_findings_are_told_and_the_others_named():
    ids = {"same": [1] * 200, "id": list(range(200)), "code": [f"code{j}" for j in range(200)]}
    length = np.array(birds()["length"])
    results = multilogit.fit(birds(**ids, twin=length * 2.0, kind=["rare"] * 3 + birds()["kind"].to_list()[3:]), "kind")
    last = summary(results)[-1]
    assert last.anchor == "findings"
    codes = [each.code for each in results.findings]
    assert len(codes) > 3
    assert [row[0] for row in last.tables[0].rows] == codes[:3]
    assert all(code in last.sentences[0] for code in codes[3:])


def test_it_is_what_printing_shows():
    results = fitted()
    assert repr(results) == plain(summary(results))
    assert repr(results).splitlines()[0] == "kind from a polars table"
