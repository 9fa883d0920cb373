"""A column of free text."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from multilogit._arrays import Float64
from multilogit.table.columns import Column
from multilogit.table.encoding.encoded import Encoded
from multilogit.table.text import has_words

__all__ = ["Text"]


@dataclass(frozen=True)
class Text:
    """The words of a text, weighed by TF-IDF and scaled to unit length, as scikit-learn's `TfidfVectorizer` does.

    The term of word t is ``count_t * idf_t / |.|`` with ``idf_t = 1 + log((1 + n) / (1 + n_t))``, where n_t of the n
    training texts hold t. Words that training never saw do not count. A missing value is an empty text.
    """

    name: str
    words: tuple[str, ...]
    idf: tuple[float, ...]

    @classmethod
    def learn(cls, column: Column, weight: Float64) -> "Text":
        """Return the record of the rows of a column; without a word it has no terms."""
        texts = column.values[~column.missing & (weight > 0)].tolist()
        if not has_words(texts):
            return cls(column.name, (), ())
        vectorizer = TfidfVectorizer().fit(texts)
        return cls(column.name, tuple(vectorizer.get_feature_names_out().tolist()), tuple(vectorizer.idf_.tolist()))

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of this column's columns of X."""
        return tuple(f"{self.name}:{word}" for word in self.words)

    def encode(self, column: Column) -> Encoded:
        """Return the terms of the rows of a column; a text whose words are all unknown is as good as unseen."""
        texts = np.where(column.missing, "", column.values).tolist()
        if texts and self.words:  # scikit-learn refuses none of either
            block = sparse.csr_array(self._vectorizer.transform(texts))
        else:
            block = sparse.csr_array((len(texts), len(self.words)))
        written = np.array([bool(text.strip()) for text in texts], dtype=np.bool_)
        return Encoded(block, column.missing, (np.diff(block.indptr) == 0) & written)

    def describe(self) -> str:
        """Return the treatment in words."""
        return f"text, TF-IDF of {len(self.words):,} words"

    @cached_property
    def _vectorizer(self) -> Any:
        vectorizer = TfidfVectorizer(vocabulary=list(self.words))
        vectorizer.idf_ = np.array(self.idf)
        return vectorizer
