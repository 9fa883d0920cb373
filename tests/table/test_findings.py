from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from table.models import fitted
from table.problems import noise_text

from multilogit.errors import InputError, Status
from multilogit.table.findings import CODES, check_codes, find


def healthy(rows=400, seed=0):
    """Two classes, a good number, a level, nothing to remark on."""
    rng = np.random.default_rng(seed)
    x, z, level = rng.normal(size=rows), rng.normal(size=rows), rng.choice(["p", "q", "r"], rows)
    kind = np.where(1.5 * x + (level == "p") + rng.logistic(size=rows) > 0, "yes", "no")
    return {"x": x.tolist(), "z": z.tolist(), "level": level.tolist(), "kind": kind.tolist()}


def findings(table, **options):
    return fitted(pl.DataFrame(table), **options).model.record.findings


def finding(code, table, **options):
    return next(each for each in findings(table, **options) if each.code == code)


@pytest.mark.parametrize("options", [{}, {"C": 1.0}, {"C": 1.0, "holdout": 0.3}, {"C": np.inf, "holdout": "none"}])
def test_a_healthy_table_has_none(options):
    assert findings(healthy(), **options) == ()


def test_constant_columns():
    table = healthy() | {"one": [1.0] * 400, "none": [None] * 400}
    found = finding("ML101", table, C=1.0, holdout="none")
    assert found.found == "'one', 'none': dropped (it is constant: '1')."


def test_columns_that_name_the_rows():
    table = healthy() | {"id": list(range(400)), "name": [f"row {row}" for row in range(400)]}
    found = finding("ML102", table, C=1.0, holdout="none")
    assert found.found.startswith("'id', 'name': dropped (it counts the rows)")


def test_what_the_user_drops_is_no_finding():
    table = healthy() | {"id": list(range(400)), "one": [1.0] * 400}
    assert findings(table, C=1.0, holdout="none", columns={"id": "drop", "one": "drop"}) == ()


@pytest.mark.parametrize(("rows", "is_rare"), [(9, True), (10, False)])
def test_rare_classes(rows, is_rare):
    table = healthy()
    table["kind"][:rows] = ["rare"] * rows
    found = [each for each in findings(table, C=1.0, holdout="none") if each.code == "ML201"]
    assert bool(found) == is_rare
    if is_rare:
        assert found[0].found == "Few rows: rare 9."


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_separated_classes(C):
    table = healthy()
    table["kind"] = ["yes" if x > 0 else "no" for x in table["x"]]
    table["x"] = [x + np.sign(x) for x in table["x"]]
    found = finding("ML301", table, C=C, holdout="none")
    assert found.found.startswith("The columns separate classes perfectly in these rows: no from yes.")
    assert "Column 'x' does so by itself for all of them." in found.found
    assert ("Use a finite C." in found.fix) == np.isinf(C)


def test_only_the_pairs_that_are_separated_are_named():
    table = healthy()
    table["kind"][::4] = ["far"] * 100
    table["x"][::4] = [50.0 + x for x in table["x"][::4]]
    found = finding("ML301", table, C=10.0, holdout="none")
    assert "far from no; far from yes." in found.found


def test_one_class_that_is_always_right_is_not_separated():
    x = [*np.linspace(3.0, 4.0, 40), *np.linspace(-4.0, 0.0, 40), 3.5]
    table = {"x": x, "kind": ["a"] * 40 + ["b"] * 41}
    model = fitted(pl.DataFrame(table), C=1.0, holdout="none").model
    assert model.predict(pl.DataFrame(table)).labels.tolist() == ["a"] * 40 + ["b"] * 40 + ["a"]
    assert model.record.findings == ()


@pytest.mark.parametrize(("noise", "is_collinear"), [(0.0, True), (0.05, True), (0.5, False)])
def test_collinear_columns(noise, is_collinear):
    table = healthy()
    table["twin"] = (-3.0 * np.array(table["x"]) + noise * np.random.default_rng(1).normal(size=400)).tolist()
    codes = [each.code for each in findings(table, C=1.0, holdout="none")]
    assert codes == (["ML303"] if is_collinear else [])
    if is_collinear:
        assert "'x' and 'twin' have a correlation of -" in finding("ML303", table, C=1.0, holdout="none").found


def test_columns_that_depend_on_several_others_without_a_penalty():
    table = healthy()
    table["sum"] = (np.array(table["x"]) + np.array(table["z"])).tolist()
    found = finding("ML303", table, C=np.inf, holdout="none")
    assert "depend on the other columns" in found.found
    assert any(name in found.found for name in ("'sum'", "'x'", "'z'"))
    assert findings(table, C=1.0, holdout="none") == ()


def test_marks_of_values_that_are_missing_together_are_not_collinear():
    table = healthy()
    for name in ("x", "z"):
        table[name][:20] = [None] * 20
    assert findings(table, C=1.0, holdout="none") == ()


def test_an_optimum_that_is_not_proved():
    found = fitted(pl.DataFrame(healthy()), C=1.0, holdout="none")
    evidence = found.evidence
    estimator = evidence.fitted.estimator
    for status in Status:
        estimator.certificate_ = replace(estimator.certificate_, status=status, relative_gap=0.5)
        codes = [each.code for each in find(evidence.rows, found.decisions, evidence.fitted, None)]
        assert ("ML304" in codes) == (status not in {Status.CONVERGED, Status.SEPARATED})


@pytest.mark.parametrize("edge", ["lowest", "highest"])
def test_C_at_the_edge_of_its_scale(edge):
    table = healthy(150)
    rng = np.random.default_rng(5)
    if edge == "lowest":
        table["kind"] = rng.choice(["yes", "no"], 150).tolist()
    else:
        table["kind"] = ["yes" if x > 0 else "no" for x in table["x"]]
        table["x"] = [x + np.sign(x) for x in table["x"]]
    found = finding("ML305", table, holdout="none")
    assert f"is the {edge} of 30 values tried" in found.found


def test_no_better_than_the_shares_of_the_classes():
    found = findings(noise_text(100), C=1.0, columns={"text": "text"})
    assert found[0].code == "ML401"
    assert "interval +" in found[0].found


@pytest.mark.parametrize(("high", "is_finding"), [(-1e-9, False), (0.0, True), (1e-9, True), (np.nan, True)])
def test_an_interval_that_holds_zero_is_no_proof_of_use(high, is_finding):
    found = fitted(pl.DataFrame(healthy()), C=1.0, holdout=0.3)
    evidence, assessment = found.evidence, found.model.record.assessment
    loss = replace(assessment.metric("log_loss"), low=-0.5, high=high)
    altered = replace(assessment, comparisons=(loss, *assessment.comparisons[1:]))
    codes = [each.code for each in find(evidence.rows, found.decisions, evidence.fitted, altered)]
    assert codes == (["ML401"] if is_finding else [])


def memorised(rows=120):
    """So many columns that a fit without much of a penalty learns the rows by heart."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 60))
    kind = np.where(2.0 * X[:, 0] + rng.logistic(size=rows) > 0, "yes", "no")
    return {f"x{j}": X[:, j].tolist() for j in range(60)} | {"kind": kind.tolist()}


def test_rows_learnt_by_heart():
    found = finding("ML402", memorised(), C=100.0)
    assert found.found.startswith("The log loss is 0.0")
    assert "ML402" not in {each.code for each in findings(memorised(), C=0.003)}


def test_probabilities_that_do_not_come_true():
    found = finding("ML403", memorised(300), C=1e4)
    assert "percentage points (p = " in found.found
    assert "ML403" not in {each.code for each in findings(healthy(), C=1.0)}


def test_the_worst_is_first():
    table = noise_text(100) | {"one": [1.0] * 100, "id": list(range(100))}
    table["kind"][:2] = ["rare", "rare"]
    codes = [each.code for each in findings(table, C=100.0, columns={"text": "text"})]
    assert codes[0] == "ML401"
    assert codes[-3:] == ["ML201", "ML102", "ML101"]


def test_codes_to_ignore_are_not_told():
    table = healthy() | {"one": [1.0] * 400, "id": list(range(400))}
    found = findings(table, C=1.0, holdout="none", ignored=check_codes(["ML101"]))
    assert [each.code for each in found] == ["ML102"]


def test_a_code_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match=r"'ML999' is no code of a finding; there are ML101, ML102"):
        check_codes(["ML101", "ML999"])
    assert check_codes([]) == frozenset()
    assert check_codes(CODES) == set(CODES)


def test_two_levels_of_one_column_are_not_collinear():
    table = healthy() | {"sex": ["m", "f"] * 200}
    assert "ML303" not in {each.code for each in findings(table, C=1.0, holdout="none")}
    doubled = table | {"gender": ["male", "female"] * 200}
    assert "'sex=" in finding("ML303", doubled, C=1.0, holdout="none").found


def test_a_level_that_gives_the_classes_away_is_named():
    table = healthy()
    table["copy"] = [kind.upper() for kind in table["kind"]]
    found = finding("ML301", table, C=1.0, holdout="none")
    assert "Column 'copy' does so by itself for all of them." in found.found


def test_classes_that_no_column_separates_alone():
    table = healthy()
    z = np.random.default_rng(3).normal(size=400)
    table["z"] = z.tolist()
    table["kind"] = ["yes" if x > each else "no" for x, each in zip(table["x"], z, strict=True)]
    table["x"] = [x + 0.2 * np.sign(x - each) for x, each in zip(table["x"], z, strict=True)]
    assert "by itself" not in finding("ML301", table, C=100.0, holdout="none").found


def test_without_an_interval_the_difference_decides():
    table = healthy() | {"year": [2001, 2002, 2003, 2004] * 100}
    trained = fitted(pl.DataFrame(table), C=1.0, groups="year")
    assert not trained.model.record.assessment.metric("log_loss").has_interval
    assert "ML401" not in {each.code for each in trained.findings}
    rng = np.random.default_rng(0)
    noise = table | {"x": rng.normal(size=400).tolist(), "kind": rng.choice(["a", "b"], 400).tolist()}
    kept = {name: noise[name] for name in ("x", "kind", "year")}
    found = next(each for each in fitted(pl.DataFrame(kept), C=1e3, groups="year").findings if each.code == "ML401")
    assert "too few rows to tell" in found.found
    assert "inf" not in found.found
