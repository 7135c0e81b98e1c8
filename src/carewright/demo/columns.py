"""
Numbers become text: the columns of the files payers and practices send, as Arrow arrays.

Codes are written as dictionaries (each text once, then numbers), which keeps a million members small and quick.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from carewright.demo.tables import Vocabulary


def coded(numbers: np.ndarray, codes: Sequence[str] | Vocabulary) -> pa.Array:
    """Text by number; -1 is nothing."""
    texts = codes.codes if isinstance(codes, Vocabulary) else list(codes)
    indices = pa.array(np.asarray(numbers, dtype=np.int32), mask=np.asarray(numbers) < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(texts or [""], pa.string()))


def same(text: str, count: int) -> pa.Array:
    """The same text on every row."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text]))


def days(numbers: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Days as dates; nothing where `missing`."""
    return pa.array(np.asarray(numbers, dtype=np.int32), mask=missing).cast(pa.date32())


def money(dollars: np.ndarray) -> pa.Array:
    """Dollars and cents as a payer writes them."""
    return pa.array(np.round(dollars, 2))


def joined(prefix: str, numbers: np.ndarray, suffix: str = "") -> pa.Array:
    """A text before each number, as in a card number."""
    text = pa.array(np.asarray(numbers, dtype=np.int64)).cast(pa.string())
    return pc.binary_join_element_wise(prefix, text, suffix, "")


def plain(table: pa.Table) -> pa.Table:
    """The same rows with every column as text, as a CSV carries them."""
    columns = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        elif pa.types.is_floating(column.type):
            column = _number(column)
        columns.append(column.cast(pa.string()))
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers without a point, others as they are."""
    whole = pc.all(pc.equal(pc.floor(column), column), skip_nulls=True).as_py()
    return column.cast(pa.int64()) if whole else column
