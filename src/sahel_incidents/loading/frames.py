"""Tables as pandas frames, each column in a type that plain pandas works well with.

| in the schema | in the frame |
|---|---|
| a vocabulary | `category`, with all values of the vocabulary, in its order |
| other text | `string` |
| `integer` | `Int64`, which can be empty |
| `number` | `float64` |
| `date` | `datetime64[s]` |
| `boolean` | `boolean` |

An empty cell is missing: `<NA>`, `NaN` or `NaT`. A vocabulary is not `string`, because there an
empty cell is neither equal to a value nor unequal: `demographic != "women"` would drop the figures
that count everybody.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..package import Field, Table

_TYPES = {
    pa.string(): pd.StringDtype("pyarrow"),
    pa.large_string(): pd.StringDtype("pyarrow"),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def frame(table: pa.Table, declared: Table) -> pd.DataFrame:
    """A table as a frame with the same rows and columns, in the same order.

    Args:
        table: the table, typed as by `typed.read_tables`.
        declared: what it is, with its columns.
    """
    columns = [_column(declared.field(name), table.column(name)) for name in table.column_names]
    typed = pa.table(columns, names=table.column_names)
    made: pd.DataFrame = typed.to_pandas(types_mapper=_TYPES.get, date_as_object=False)
    return made


def _column(field: Field, column: pa.ChunkedArray) -> Any:
    if field.categories:
        return _categories(column, field.vocabulary)
    if pa.types.is_date(column.type):
        return column.cast(pa.timestamp("s"))
    return column


def _categories(column: pa.ChunkedArray, vocabulary: tuple[str, ...]) -> Any:
    """A column as indices into its vocabulary, to which any value outside of it is added."""
    chunks = column.dictionary_encode().chunks
    found = (value for chunk in chunks for value in chunk.dictionary.to_pylist())
    values = pa.array(list(dict.fromkeys((*vocabulary, *found))), pa.string())
    placed = [
        pa.DictionaryArray.from_arrays(
            pc.index_in(chunk.dictionary, value_set=values).take(chunk.indices), values
        )
        for chunk in chunks
    ]
    # Without a chunk to carry them, the values would be lost.
    placed = placed or [pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), values)]
    return pa.chunked_array(placed, pa.dictionary(pa.int32(), pa.string()))
