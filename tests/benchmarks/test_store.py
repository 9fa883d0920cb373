import numpy as np
import pytest
from benchmarks import store
from benchmarks.problem import Data
from scipy import sparse


def data(kind):
    X = np.where(np.arange(12).reshape(4, 3) % 2, np.linspace(0.1, 1.2, 12).reshape(4, 3), 0.0)
    return Data(X if kind == "dense" else sparse.csr_matrix(X), np.array([0, 1, 2, 0]))


@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_data_come_back(tmp_path, kind, dtype):
    original = data(kind)
    store.save_data(tmp_path, original, "recipe")
    found = store.load_data(tmp_path, dtype)
    assert found.X.dtype == dtype
    assert sparse.issparse(found.X) == (kind == "sparse")
    dense = [each.toarray() if sparse.issparse(each) else each for each in (found.X, original.X.astype(dtype))]
    assert np.array_equal(*dense)
    assert np.array_equal(found.y, original.y)
    about = store.read_json(tmp_path / "about.json")
    assert about["shape"] == [4, 3, 3, original.shape.stored]
    assert (about["recipe"], about["exact"]) == ("recipe", False)


def test_float32_numbers_are_known_to_be_exact(tmp_path):
    store.save_data(tmp_path, Data(np.array([[0.5], [16.0]]), np.array([0, 1])), "")
    assert store.read_json(tmp_path / "about.json")["exact"]


def test_the_fingerprint_sees_every_number_and_label():
    first = store.fingerprint(data("dense"))
    assert first == store.fingerprint(data("dense"))
    moved = data("dense")
    moved.X[3, 2] = np.nextafter(moved.X[3, 2], 9)
    relabelled = Data(data("dense").X, np.array([0, 1, 2, 1]))
    assert len({first, store.fingerprint(moved), store.fingerprint(relabelled)}) == 3


def test_a_new_measurement_replaces_the_old_one_of_the_same_thing(tmp_path):
    results = store.Results(tmp_path)
    rung = {"kind": "rung", "problem": "p", "dtype": "float64", "rival": "a"}
    results.write("p", [{**rung, "setting": 1}, {**rung, "setting": 2}, {**rung, "rival": "b", "setting": 3}])
    results.write("p", [{**rung, "setting": 9}])
    assert [(each["rival"], each["setting"]) for each in results.read("p")] == [("b", 3), ("a", 9)]
    results.write("q", [{**rung, "problem": "q"}])
    assert len(results.read()) == 3


def test_a_whole_measurement_replaces_everything(tmp_path):
    results = store.Results(tmp_path)
    rung = {"kind": "rung", "problem": "p", "dtype": "float32"}
    results.write("p", [{**rung, "rival": "a"}, {**rung, "rival": "b"}])
    results.write("p", [{**rung, "rival": "a"}], whole=True)
    assert [each["rival"] for each in results.read("p")] == ["a"]


def test_what_no_longer_fails_is_forgotten(tmp_path):
    results = store.Results(tmp_path)
    fit = {"problem": "p", "dtype": "float64", "rival": "a"}
    results.write("p", [{**fit, "kind": "failed"}, {"problem": "p", "kind": "unavailable"}])
    results.write("p", [{**fit, "kind": "rung"}, {"problem": "p", "kind": "spent"}])
    assert [each["kind"] for each in results.read()] == ["rung", "spent"]


def test_what_is_remembered_is_made_once(tmp_path):
    made = []

    def make():
        made.append(1)
        return {"value": 0.1}

    path = tmp_path / "deep" / "one.json"
    assert [store.remembered(path, make), store.remembered(path, make)] == [{"value": 0.1}] * 2
    assert made == [1]
