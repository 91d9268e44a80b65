"""The schema of a table for Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from .arrow import arrow_schema
from .declarations import Column, ColumnType, Table, declarations
from .errors import OptionError
from .names import nearest

if TYPE_CHECKING:
    from pyspark.sql.types import DataType, StructType


def columns_of(table: Table) -> tuple[Column, ...]:
    """Those of the table, and what each row says of its change."""
    return table.columns + declarations().change_columns


def spark_schema(table: Table) -> StructType:
    from pyspark.sql.types import StructField, StructType

    return StructType(
        [
            StructField(
                column.name, _spark_type(column.type), True, {"comment": column.description}
            )
            for column in columns_of(table)
        ]
    )


def chosen_schema(table: Table, names: list[str]) -> pa.Schema:
    """Of the columns that a reader was asked for, in their order."""
    known = {column.name: column for column in columns_of(table)}
    for name in names:
        if name not in known:
            raise OptionError(
                "column_unknown",
                f"The table {table.name} has no column {name}.{nearest(name, known)}",
                "user_action",
                {"column": name},
            )
    return arrow_schema([known[name] for name in names])


def _spark_type(type_: ColumnType) -> DataType:
    from pyspark.sql import types

    if isinstance(type_, str):
        return {
            "string": types.StringType(),
            "boolean": types.BooleanType(),
            "int": types.IntegerType(),
            "int64": types.LongType(),
            "double": types.DoubleType(),
            "timestamp": types.TimestampType(),
        }[type_]
    if "list" in type_:
        return types.ArrayType(_spark_type(type_["list"]), True)
    return types.StructType(
        [types.StructField(name, _spark_type(inner), True) for name, inner in type_["struct"]]
    )
