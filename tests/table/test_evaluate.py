import numpy as np
import polars as pl
import pytest
from sklearn import metrics
from table.frames import LIBRARIES
from table.models import fitted, with_labels
from table.problems import everything

from multilogit.errors import InputError
from multilogit.table.evaluate import evaluated

CODES = {"one": 0, "three": 1, "two": 2}


def other(**changes):
    rng = np.random.default_rng(9)
    return pl.DataFrame(everything(rows=50, seed=7) | {"w": rng.uniform(0.5, 3.0, 50).tolist()} | changes)


def trained(**options):
    weight = np.random.default_rng(2).uniform(0.5, 3.0, 90)
    return fitted(pl.DataFrame(everything() | {"w": weight}), C=1.0, holdout="none", **options).model


@pytest.mark.parametrize("weighted", [False, True])
def test_the_metrics_are_those_of_scikit_learn(weighted):
    model = trained(weights="w") if weighted else trained(columns={"w": "drop"})
    y = np.array([CODES[kind] for kind in other()["kind"]])
    w = other()["w"].to_numpy() if weighted else np.ones(50)
    prior = np.broadcast_to(model.record.prior, (50, 3))
    found = {each.metric: each for each in evaluated(model, other()).comparisons}
    for P, side in ((model.predict(other()).probabilities, "model"), (prior, "baseline")):
        theirs = {
            "log_loss": metrics.log_loss(y, P, sample_weight=w),
            "brier": metrics.brier_score_loss(y, P, sample_weight=w, labels=[0, 1, 2]),
            "accuracy": metrics.accuracy_score(y, P.argmax(axis=1), sample_weight=w),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, P.argmax(axis=1), sample_weight=w),
        }
        for name, value in theirs.items():
            assert getattr(found[name], side) == pytest.approx(value, rel=1e-12), (name, side)


def test_the_baseline_is_the_share_of_the_weight_in_training():
    model = trained(weights="w")
    weight = np.random.default_rng(2).uniform(0.5, 3.0, 90)
    y = np.array([CODES[kind] for kind in everything()["kind"]])
    np.testing.assert_allclose(model.record.prior, np.bincount(y, weights=weight) / weight.sum(), rtol=1e-13)


def test_without_the_weights_every_row_counts_once():
    model = trained(weights="w")
    assert evaluated(model, other().drop("w")) == evaluated(model, other(w=[2.0] * 50).with_columns(w=pl.lit(1.0)))


@pytest.mark.parametrize("gone", [{"kind": None}, {"w": 0.0}, {"w": None}])
def test_rows_without_target_or_weight_are_left_out(gone):
    model, table = trained(weights="w"), other()
    ((name, value),) = gone.items()
    values = [value if row in {0, 9} else each for row, each in enumerate(table[name].to_list())]
    rest = table[[row for row in range(50) if row not in {0, 9}]]
    found = evaluated(model, other(**{name: values}))
    assert found.comparisons == evaluated(model, rest).comparisons
    assert (found.rows, found.left_out) == (len(rest), 50 - len(rest))


def test_weights_may_be_texts_of_numbers():
    model = trained(weights="w")
    assert evaluated(model, other().with_columns(pl.col("w").cast(pl.String))) == evaluated(model, other())


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_gives_the_same_scores(library):
    model = trained(columns={"w": "drop"})
    table = other().to_dict(as_series=False)
    assert evaluated(model, LIBRARIES[library](table)) == evaluated(model, other())


@pytest.mark.parametrize(
    ("labels", "others"),
    [([1, 2], ["1", "2"]), (["1", "2"], [1, 2]), ([False, True], ["false", "true"]), ([1, 2], [1.0, 2.0])],
    ids=str,
)
def test_labels_are_known_by_their_texts(labels, others):
    model = with_labels(labels)
    table = {"length": [40.0] * 4, "place": ["west"] * 4, "tagged": [True] * 4}
    same, texts = (pl.DataFrame(table | {"kind": [*each, *each]}) for each in (labels, others))
    assert evaluated(model, texts) == evaluated(model, same)


def test_a_class_that_is_not_there_at_all_is_no_harm():
    model = trained(columns={"w": "drop"})
    one = other().filter(pl.col("kind") != "three")
    found = {each.metric: each for each in evaluated(model, one).comparisons}
    y = [CODES[kind] for kind in one["kind"]]
    recall = metrics.recall_score(y, model.predict(one).probabilities.argmax(axis=1), labels=[0, 2], average="macro")
    assert found["balanced_accuracy"].model == pytest.approx(recall, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (other().drop("kind"), r"no column 'kind' \(the target, without which nothing can be evaluated\)"),
        (other().rename({"kind": "Kind"}), r"Did you mean 'Kind'\?"),
        (other(kind=[None] * 50), r"no row has a value of the target 'kind'"),
        (other(kind=[None, "one", "four"] + ["one"] * 47), r"row 3 holds the class 'four', .*'one', 'three', 'two'"),
        (other(w=[1.0] * 3 + [-1.0] * 47), r"the weights 'w' are negative in row 4"),
        (other().drop("x"), r"no column 'x' \(an input of the model\)"),
    ],
)
def test_what_cannot_be_evaluated(table, sentence):
    with pytest.raises(InputError, match=sentence):
        evaluated(trained(weights="w"), table)


def test_an_unknown_class_is_named_where_others_are_known():
    table = {"length": [40.0] * 3, "place": ["west"] * 3, "tagged": [True] * 3, "kind": ["1", "2", "x"]}
    with pytest.raises(InputError, match="row 3 holds the class 'x'"):
        evaluated(with_labels([1, 2]), pl.DataFrame(table))
