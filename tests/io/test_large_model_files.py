"""Models that are large and honest: what keeps hostile files out lets them through."""

from dataclasses import replace

import numpy as np
import pytest
from forged import parts
from table.models import trained

from multilogit import io
from multilogit._files import container
from multilogit.errors import InputError
from multilogit.table.decide import Decision
from multilogit.table.encoding import Numeric, Text

COLUMNS, WORDS, CLASSES = 10_000, 100_000, 3


@pytest.fixture(scope="module")
def small():
    return trained(C=1.0, holdout="none")


def grown(small, columns):
    """The same model with other columns, and coefficients for them."""
    D = sum(len(column.terms) for column in columns)
    estimator = io.loads(io.dumps(small)).estimator
    estimator.coef_ = np.random.default_rng(0).normal(size=(CLASSES, D))
    estimator.centre_ = np.zeros(D)
    decisions = tuple(Decision(each.name, "numeric", "numbers; 1,234 missing") for each in columns)
    schema, record = replace(small.schema, columns=columns), replace(small.record, decisions=decisions)
    return replace(small, schema=schema, estimator=estimator, record=record)


def check_that_it_comes_back(model):
    data = io.dumps(model)
    again = io.loads(data)
    assert (again.schema, again.record) == (model.schema, model.record)
    np.testing.assert_array_equal(again.estimator.coef_, model.estimator.coef_, strict=True)
    assert io.dumps(again) == data
    return data


def test_ten_thousand_columns_of_numbers(small):
    numbers = np.random.default_rng(1).normal(size=(COLUMNS, 2)).tolist()
    columns = tuple(Numeric(f"measurement {j}", m, 0.1 + s * s, m + s, j % 2 == 0) for j, (m, s) in enumerate(numbers))
    data = check_that_it_comes_back(grown(small, columns))
    header = data[8 : 8 + int.from_bytes(data[:8], "little")]
    assert len(header) < container.MOST_HEADER_BYTES / 2
    assert container._items(header) < container.MOST_ITEMS * 0.6


def test_a_hundred_thousand_words(small):
    words = tuple(f"wört{j}" for j in range(WORDS))
    idf = tuple(np.random.default_rng(1).uniform(1, 10, WORDS).tolist())
    data = check_that_it_comes_back(grown(small, (Text("note", words, idf), Text("title", words[:9], idf[:9]))))
    header, arrays = parts(data)
    assert arrays["words_0"].tobytes().decode().split("\n") == list(words)
    assert "wört" not in str(header)


def test_what_a_reader_would_refuse_is_not_written(small):
    texts = tuple(Text(f"note {j}", ("word",), (1.0,)) for j in range(600))
    with pytest.raises(InputError, match="some 400 columns of text"):
        io.dumps(grown(small, texts))
    check_that_it_comes_back(grown(small, texts[:400]))


def test_more_coefficients_than_a_file_holds_are_not_written(small, monkeypatch):
    monkeypatch.setattr(container, "MOST_PAYLOAD_BYTES", 100)
    with pytest.raises(InputError, match="more than 100 bytes"):
        io.dumps(small)
