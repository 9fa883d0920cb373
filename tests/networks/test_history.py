"""The history of a fit as a data frame."""

import math

import numpy as np
import pytest
from networks.examples import ONE_HOT, X, softmax_network

from multilogit import networks
from multilogit.errors import DivergenceError, InputError
from multilogit.networks import History, callbacks


def fitted(**options):
    return softmax_network(metrics=["accuracy"]).fit(X, ONE_HOT, **({"epochs": 3} | options))


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_a_history_is_a_data_frame_of_any_library(backend):
    library = pytest.importorskip(backend)
    history = fitted(initial_epoch=1)
    frame = history.frame(backend)
    assert isinstance(frame, library.Table if backend == "pyarrow" else library.DataFrame)
    columns = {name: list(np.asarray(frame[name])) for name in getattr(frame, "column_names", None) or frame.columns}
    assert columns == {"epoch": [1, 2], **history.history}
    assert list(columns) == ["epoch", "accuracy", "loss"]


def test_it_is_pandas_unless_another_is_named():
    assert isinstance(fitted().frame(), pytest.importorskip("pandas").DataFrame)


def test_epochs_without_validation_have_no_numbers_of_it():
    frame = fitted(epochs=5, validation_data=(X, ONE_HOT), validation_freq=2).frame("polars")
    assert frame.columns == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    missing = [math.isnan(value) for value in frame["val_loss"]]
    assert missing == [True, False, True, False, True]
    assert not frame["loss"].is_nan().any()


def test_a_history_of_no_epochs_is_an_empty_frame():
    for history in (History(), fitted(epochs=0)):
        frame = history.frame("polars")
        assert (frame.columns, len(frame)) == (["epoch"], 0)


@pytest.mark.parametrize("backend", ["excel", "dask", "", "Pandas", None, 3])
def test_another_library_is_refused_in_words(backend):
    with pytest.raises(InputError) as raised:
        fitted().frame(backend)
    assert str(raised.value).startswith("backend must be 'pandas', 'polars' or 'pyarrow', and installed. Got")
    assert repr(backend) in str(raised.value)


def test_a_library_that_is_not_installed_is_named(monkeypatch):
    def from_dict(columns, backend):
        raise ModuleNotFoundError(f"No module named {backend!r}")

    monkeypatch.setattr(callbacks.nw, "from_dict", from_dict)
    with pytest.raises(InputError, match=r"and installed. Got 'polars' \(No module named 'polars'\)"):
        fitted().frame("polars")


def test_what_a_history_says_of_itself():
    assert repr(History()) == "<History of 0 epochs>"
    history = fitted()
    accuracy, loss = (f"{history.history[name][-1]:.4g}" for name in ("accuracy", "loss"))
    assert repr(history) == f"<History of 3 epochs: accuracy {accuracy}, loss {loss}>"


def test_the_number_of_epochs_is_not_counted_anew_each_time():
    """A fit asks for it after each epoch: counting them again would take quadratic time."""
    history = History()
    for epoch in range(3):
        history.record([epoch], {"loss": np.array([0.5])})
    history._parts = ()
    assert len(history) == 3


def test_a_fit_that_diverges_keeps_the_losses_that_led_there():
    model = softmax_network(optimizer=networks.SGD(1e300), loss="mean_squared_error", dtype="float32")
    with pytest.raises(DivergenceError):
        model.fit(X, ONE_HOT, epochs=50, batch_size=len(X))
    assert 0 < len(model.history) < 50
    assert math.isfinite(model.history.history["loss"][0])
