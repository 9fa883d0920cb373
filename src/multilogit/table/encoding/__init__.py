"""From a column to terms of X: frozen records that are learnt from training rows and hold numbers and texts alone.

::

    numeric.py      (x - mean) / sd; the median and a mark where a value is missing
    boolean.py      1 where true; the most frequent value and a mark where one is missing
    categorical.py  a 0/1 term per level; a missing value is a level of its own
    text.py         TF-IDF of the words

`learn` makes a record from the rows that a fit may see, `encode` applies it to any rows.
"""

from multilogit.table.encoding.boolean import Boolean
from multilogit.table.encoding.categorical import Categorical
from multilogit.table.encoding.encoded import Encoded
from multilogit.table.encoding.numeric import Numeric
from multilogit.table.encoding.text import Text

__all__ = ["Boolean", "Categorical", "Encoded", "Encoding", "Numeric", "Text"]

Encoding = Numeric | Boolean | Categorical | Text
