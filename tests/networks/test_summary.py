"""The table of a model's layers: Keras's own, character by character, and that of the articles."""

import json
from pathlib import Path

import numpy as np
import pytest
from networks.examples import xor_network
from networks.keras_reference import made

from multilogit import networks
from multilogit.errors import InputError
from multilogit.networks import LBFGS, Activation, Dense, Input, Sequential

STORED = json.loads(Path(__file__).with_name("keras_reference.json").read_text(encoding="utf-8"))["summaries"]
MODELS = [(dtype, name) for dtype, entries in STORED.items() for name in entries]

# As the first article prints it.
XOR = """
_________________________________________________________________
Layer (type)                  Output Shape         Param #
=================================================================
dense_1 (Dense)               (None, 2)            6
_________________________________________________________________
activation_1 (Activation)     (None, 2)            0
_________________________________________________________________
dense_2 (Dense)               (None, 1)            3
_________________________________________________________________
activation_2 (Activation)     (None, 1)            0
=================================================================
Total params: 9
Trainable params: 9
Non-trainable params: 0
_________________________________________________________________
"""


def summary(model, **options):
    texts = []
    model.summary(print_fn=texts.append, **options)
    assert len(texts) == 1  # Keras calls it once, too
    return texts[0]


def lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("dtype", "name"), MODELS)
def test_a_summary_is_keras_s_to_the_last_character(dtype, name, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    entry = STORED[dtype][name]
    model = Sequential([made(networks.layers, layer) for layer in entry["layers"]], dtype=dtype)
    if entry["optimizer"] is not None:
        model.compile(optimizer=made(networks.optimizers, entry["optimizer"]), loss="mse")
    if entry["fitted"]:
        model.fit(np.eye(2), np.eye(2)[:, :1], verbose=0)
    model.summary()
    assert capsys.readouterr().out == entry["text"]
    assert summary(model).rstrip("\n") == entry["text"].rstrip("\n")


def test_the_article_s_summary_of_xor():
    assert summary(xor_network(), style="article") == XOR.strip()


def test_the_article_s_summary_of_the_reversal():
    layers = [Dense(4), Activation("sigmoid"), Dense(4), Activation("sigmoid")]
    text = lines(summary(Sequential([Input((4,)), *layers]), style="article"))
    assert [line.split()[-1] for line in text if "(None, 4)" in line] == ["20", "0", "20", "0"]
    assert text[-4:-1] == ["Total params: 40", "Trainable params: 40", "Non-trainable params: 0"]


def test_the_article_s_summary_does_not_change_with_a_fit():
    model = xor_network(optimizer="adam", loss="mse")
    before = summary(model, style="article")
    model.fit(np.eye(2), np.eye(2)[:, :1])
    assert summary(model, style="article") == before
    assert "Total params: 29" in summary(model)


def test_the_article_s_summary_of_a_model_that_is_not_built():
    text = lines(summary(Sequential([Dense(3)]), style="article"))
    assert text[3].split() == ["dense_1", "(Dense)", "?", "0"]
    assert "Total params: 0" in text


@pytest.mark.parametrize(("columns", "width"), [("200", 88), ("92", 88), ("91", 87), ("80", 76), ("60", 56)])
def test_the_table_is_as_wide_as_the_terminal_and_88_at_most(columns, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    table = [line for line in lines(summary(xor_network())) if line[0] in "┏┃┡│├└"]
    assert {len(line) for line in table} == {width}


def test_the_columns_of_a_wide_table_are_keras_s(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    rule = lines(summary(xor_network()))[1]
    assert [len(part) for part in rule.strip("┏┓").split("┳")] == [38, 29, 17]


def test_the_length_of_a_line_may_be_asked_for():
    table = lines(summary(xor_network(), line_length=50))[1:-3]
    assert {len(line) for line in table} == {50}
    assert table[3] == "│ dense (Dense)       │ (None, 2)      │       6 │"


def test_long_words_are_cut_and_long_cells_are_wrapped():
    layer = Dense(3, name="a_name_that_is_too_long_for_its_column_and_more")
    row = lines(summary(Sequential([Input((2,)), layer]), line_length=76))[4:6]
    assert row[0].startswith("│ a_name_that_is_too_long_for_it… │ (None, 3) ")
    assert row[1].startswith("│ (Dense) ")


def test_sizes_have_units():
    text = summary(Sequential([Input((1000,)), Dense(1000)], dtype="float64"))
    assert " Total params: 1,001,000 (7.64 MB)" in text


def test_a_model_has_its_own_name():
    assert summary(Sequential([Dense(1)], name="parity")).startswith('Model: "parity"\n')


def test_an_optimizer_without_memory_still_counts_its_steps():
    model = xor_network(optimizer=LBFGS(), loss="mse")
    model.fit(np.eye(2), np.eye(2)[:, :1])
    assert " Trainable params: 9 (36.00 B)" in summary(model)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"style": "artikel"}, "There is no style 'artikel'. Did you mean 'article'?"),
        ({"expand_nested": True}, "summary has no expand_nested: layers are few here."),
        ({"positions": [0.4, 0.8, 1.0]}, "summary has no positions"),
    ],
)
def test_a_style_or_an_argument_that_does_not_exist(options, sentence):
    with pytest.raises(InputError) as raised:
        xor_network().summary(**options)
    assert str(raised.value).startswith(sentence)
