"""Parquet files of the lake, or of the program, as batches that hold a schema exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .declarations import Column, ColumnType

_SCALARS: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
BATCH_ROWS = 10_000


def arrow_type(type_: ColumnType) -> pa.DataType:
    if isinstance(type_, str):
        return _SCALARS[type_]
    if "list" in type_:
        return pa.list_(pa.field("element", arrow_type(type_["list"])))
    return pa.struct([pa.field(name, arrow_type(inner)) for name, inner in type_["struct"]])


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in columns])


def batches(
    files: Sequence[str], schema: pa.Schema, filters: Mapping[str, frozenset[str]]
) -> Iterator[pa.RecordBatch]:
    """Of every file the columns of the schema; a column that an older file lacks is null. A few rows at a time."""
    needed = {*schema.names, *filters}
    for path in files:
        with pq.ParquetFile(path, memory_map=False) as file:
            names = [name for name in file.schema_arrow.names if name in needed]
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=names, use_threads=False):
                kept = _kept(batch, filters)
                if kept.num_rows > 0:
                    yield _conforming(kept, schema)


def _kept(batch: pa.RecordBatch, filters: Mapping[str, frozenset[str]]) -> pa.RecordBatch:
    for column, values in filters.items():
        text = pc.utf8_lower(batch.column(column))
        batch = batch.filter(pc.is_in(text, value_set=pa.array(sorted(values), pa.string())))
    return batch


def _conforming(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        _as(batch.column(field.name), field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _as(array: pa.Array, type_: pa.DataType) -> pa.Array:
    if array.type.equals(type_):
        return array
    if pa.types.is_struct(type_) and pa.types.is_struct(array.type):
        held = {field.name for field in array.type}
        parts = [
            _as(array.field(field.name), field.type)
            if field.name in held
            else pa.nulls(len(array), field.type)
            for field in type_
        ]
        return pa.StructArray.from_arrays(parts, fields=list(type_), mask=array.is_null())
    if pa.types.is_list(type_) and pa.types.is_list(array.type):
        values = _as(array.values, type_.value_type)
        mask = array.is_null() if array.null_count > 0 else None
        return pa.ListArray.from_arrays(_offsets(array), values, type=type_, mask=mask)
    return array.cast(type_)


def _offsets(array: pa.ListArray) -> pa.Array:
    """With a mask, offsets may not begin inside of a buffer."""
    return pa.array(array.offsets.to_numpy(), pa.int32())
