"""What a fit, a score and a prediction say meanwhile: as much as `verbose` asks for."""

import io
import re
import sys

import pytest
from networks.examples import MSE, ONE_HOT, SOFT, X, network, softmax_network

from multilogit.errors import DivergenceError
from multilogit.networks import LBFGS, SGD, Dense, _progress
from multilogit.networks._progress import epoch_line, finished_line, shown

BAR = "━" * 20
TIME = r"\d+s \d+(s|ms|us|ns)"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def on_terminal(monkeypatch, patience=-1.0):
    """Put a terminal in place of the standard output, and return it; a bar appears after so many seconds."""
    found = Terminal()
    monkeypatch.setattr(sys, "stdout", found)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(_progress, "_PATIENCE", patience)
    return found


def said(capsys, verbose, act="fit", **options):
    model = softmax_network(metrics=["accuracy"])
    if act == "predict":
        model.predict(X, verbose=verbose, **options)
    else:
        getattr(model, act)(X, ONE_HOT, verbose=verbose, **options)
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize("act", ["fit", "evaluate", "predict"])
@pytest.mark.parametrize("verbose", [0, "auto"])
def test_nothing_is_said_where_nobody_asks_and_none_looks(kernels, capsys, act, verbose):
    assert said(capsys, verbose, act) == ""


def test_a_fit_says_one_line_at_its_end(kernels, capsys):
    text = said(capsys, 1, epochs=3, validation_data=(X, ONE_HOT))
    values = " - accuracy: 0.[0-9]{4} - loss: [0-9.]{6} - val_accuracy: 0.[0-9]{4} - val_loss: [0-9.]{6}"
    assert re.fullmatch(f"3/3 {BAR} {TIME}/epoch{values}\n", text)


def test_a_fit_says_a_line_for_each_epoch(kernels, capsys):
    model = softmax_network()
    history = model.fit(X, SOFT, epochs=3, initial_epoch=1, batch_size=6, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[::2] == ["Epoch 2/3", "Epoch 3/3"]
    for line, loss in zip(lines[1::2], history.history["loss"], strict=True):
        assert re.fullmatch(rf"4/4 - {TIME.replace(' ', ' - ')}/step - loss: {loss:.4f}", line)


def test_one_epoch_needs_no_number(kernels, capsys):
    assert re.fullmatch(f"1/1 - {TIME.replace(' ', ' - ')}/step - accuracy: .+ - loss: .+\n", said(capsys, 2))


@pytest.mark.parametrize("verbose", [1, 2])
def test_scores_and_predictions_say_a_line(kernels, capsys, verbose):
    text = said(capsys, verbose, "evaluate", batch_size=6)
    assert re.fullmatch(f"4/4 {BAR} {TIME}/step - accuracy: .+ - loss: .+\n", text)
    assert re.fullmatch(f"1/1 {BAR} {TIME}/step\n", said(capsys, verbose, "predict"))
    assert re.fullmatch(f"20/20 {BAR} {TIME}/step\n", said(capsys, verbose, "predict", batch_size=1))


def test_the_line_of_a_fit_that_had_nothing_to_do(kernels, capsys):
    model = softmax_network(optimizer=LBFGS(tolerance=1e9))
    model.fit(X, SOFT, epochs=5, verbose=1)
    assert re.fullmatch(f"1/1 {BAR} {TIME}/epoch - gradient_norm: .+ - loss: .+\n", capsys.readouterr().out)


def test_numbers_are_written_as_keras_writes_them():
    logs = {"val_loss": 123.456, "loss": 0.00099, "accuracy": 0.00101, "mse": 0.0}
    assert shown(logs) == " - accuracy: 0.0010 - loss: 9.9000e-04 - mse: 0.0000e+00 - val_loss: 123.4560"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.00242, "0s 605us"), (8.0, "8s 2s"), (0.4, "0s 100ms"), (2e-8, "0s 5ns"), (0.0, "0s 0ns"), (59.6, "60s 15s")],
)
def test_times_have_the_unit_that_suits_them(seconds, text):
    assert finished_line(4, seconds, {}) == f"4/4 {BAR} {text}/step"
    assert epoch_line(4, seconds, {}) == f"4/4 - {text.replace(' ', ' - ')}/step"


def test_a_terminal_shows_a_bar_that_goes_away(kernels, monkeypatch):
    terminal = on_terminal(monkeypatch)
    history = softmax_network().fit(X, SOFT, epochs=20)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert "Epoch 20/20" in text
    assert f" - loss: {history.history['loss'][-1]:.4f}" in text
    assert "/epoch" not in text  # the line of `verbose=1`


def test_a_fit_that_is_done_at_once_shows_no_bar(kernels, monkeypatch):
    terminal = on_terminal(monkeypatch, patience=0.5)
    softmax_network().fit(X, SOFT, epochs=20)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(("verbose", "lines"), [(1, 1), ("auto", 0), (0, 0)])
def test_a_line_stays_on_a_terminal_only_where_it_was_asked_for(monkeypatch, verbose, lines):
    terminal = on_terminal(monkeypatch, patience=60.0)
    softmax_network().fit(X, SOFT, epochs=5, verbose=verbose)
    assert terminal.getvalue().count(f"5/5 {BAR}") == lines


def test_a_bar_follows_the_epochs(monkeypatch):
    terminal, model = on_terminal(monkeypatch), softmax_network()
    model.fit(X, SOFT, epochs=6, initial_epoch=2, validation_data=(X, SOFT))  # which asks after every epoch
    numbers = [int(found) for found in re.findall(r"Epoch (\d)/6", terminal.getvalue())]
    assert set(numbers) >= {3, 4, 5, 6}
    assert numbers == sorted(numbers)


def test_without_rich_there_is_no_bar(monkeypatch):
    terminal = on_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    softmax_network().fit(X, SOFT, epochs=3)
    assert terminal.getvalue() == ""


def test_a_bar_goes_away_when_a_fit_fails(monkeypatch):
    terminal, model = on_terminal(monkeypatch), network(Dense(4), optimizer=SGD(100.0), loss=MSE)
    with pytest.raises(DivergenceError):
        model.fit(X, SOFT, epochs=500, validation_data=(X, SOFT))
    assert "Epoch 0/500" in terminal.getvalue()
    hidden, shown_again = (terminal.getvalue().rfind(f"\x1b[?25{letter}") for letter in "lh")
    assert shown_again >= hidden  # the cursor
