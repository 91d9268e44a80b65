"""The format `lakeflow_connect` without the host project: its virtual tables, and tables by the readers for Arrow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from .declarations import declarations
from .errors import OptionError
from .lakeflow import metadata_of, own_options
from .names import nearest
from .options import Options
from .schema import spark_schema
from .source import SluiceReader
from .stream import SluiceStreamReader

_TEXT = StringType()
_TEXTS = ArrayType(_TEXT)
VIRTUAL_TABLES: Mapping[str, StructType] = {
    "_community_table_metadata": StructType(
        [
            StructField("tableName", _TEXT, False),
            StructField("primary_keys", _TEXTS),
            StructField("cursor_field", _TEXT),
            StructField("ingestion_type", _TEXT),
        ]
    ),
    "_community_namespaces": StructType([StructField("namespace", _TEXTS)]),
    "_community_tables": StructType(
        [StructField("namespace", _TEXTS), StructField("tableName", _TEXT)]
    ),
}


class MicrosoftTeamsDataSource(DataSource):
    """Registers itself as `lakeflow_connect`: a catalogue hands the options of a connection to that name alone."""

    @classmethod
    def name(cls) -> str:
        return "lakeflow_connect"

    def schema(self) -> StructType:
        name = self._table()
        return VIRTUAL_TABLES.get(name) or spark_schema(declarations().table(name))

    def reader(self, schema: StructType) -> DataSourceReader:
        name = self._table()
        if name in VIRTUAL_TABLES:
            return _VirtualReader(_rows(name, self._given()))
        return SluiceReader(own_options(self.options, name), schema.names)

    def streamReader(self, schema: StructType) -> SluiceStreamReader:
        options = own_options(self.options, self._table())
        only = "delete" if self._given().get("isdeleteflow", "").lower() == "true" else "upsert"
        if options.text("ingestion_type") == "append":
            return SluiceStreamReader(options, schema.names)
        return SluiceStreamReader(Options({**options.values, "only": only}), schema.names)

    def _given(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.options.items()}

    def _table(self) -> str:
        name = self._given().get("tablename", "")
        if name.startswith("_community_") and name not in VIRTUAL_TABLES:
            raise OptionError(
                "option_invalid",
                f"There is no virtual table {name}.{nearest(name, VIRTUAL_TABLES)}",
                "user_action",
                {"option": "tableName"},
            )
        return name


def _rows(name: str, given: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """In the order in which tables were asked for."""
    if name == "_community_namespaces":
        return []
    if name == "_community_tables":
        return [([], table) for table in sorted(declarations().tables)]
    names = json.loads(given.get("tablenamelist", "[]"))
    configs = json.loads(given.get("tableconfigs", "{}"))
    found = []
    for table in names:
        metadata = metadata_of(table, configs.get(table, {}))
        found.append(
            (
                table,
                metadata.get("primary_keys"),
                metadata.get("cursor_field"),
                metadata["ingestion_type"],
            )
        )
    return found


class _VirtualReader(DataSourceReader):
    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def partitions(self) -> Sequence[InputPartition]:
        return [InputPartition(0)]

    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]]:
        return iter(self._rows)
