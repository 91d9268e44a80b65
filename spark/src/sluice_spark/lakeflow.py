"""The Lakeflow community connector `microsoft_teams`: five methods, rows as dictionaries. Its simple way of reading costs
several times what the readers of `SluiceDataSource` cost: batches are small unless a table says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .declarations import declarations
from .feed import START, Feed, Offset, ordered, utc_now
from .options import Options, parse_options
from .program import Program
from .schema import chosen_schema, columns_of, spark_schema

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

try:
    from databricks.labs.community_connector.interface import (  # type: ignore[import-not-found]
        LakeflowConnect,
    )
except ImportError:
    LakeflowConnect = object

# What the host project and its catalogue say beside the options of a table; Spark hands it on in lower case.
FRAMEWORK_OPTIONS = frozenset(
    {
        "tablename",
        "tablenamelist",
        "tableconfigs",
        "isdeleteflow",
        "namespace",
        "namespaceprefix",
        "databricks.connection",
        "sourcename",
        "externaloptionsallowlist",
    }
)
# What the simple way of reading holds at a time.
SIMPLE_BATCH = "10000"
CURSOR = "_commit"


def own_options(given: Mapping[str, str], table: str) -> Options:
    """Without what the host project says, and with the table."""
    own = {name: value for name, value in given.items() if name.lower() not in FRAMEWORK_OPTIONS}
    return parse_options({**own, "table": table})


def metadata_of(table: str, options: Mapping[str, str]) -> dict[str, Any]:
    """Keys, cursor and ingestion type; starts no program, and needs no credentials."""
    told = own_options(options, table)
    declared = told.table
    type_ = told.text("ingestion_type")
    if type_ == "append":
        return {"ingestion_type": type_}
    keys = {"primary_keys": list(declared.primary_key), "ingestion_type": type_}
    return keys if type_ == "snapshot" else {**keys, "cursor_field": CURSOR}


class MicrosoftTeamsLakeflowConnect(LakeflowConnect):  # type: ignore[misc]
    """Nothing is started, asked or checked before the first table is read. It may be pickled at any time."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self.options = dict(options)
        self._began = utc_now()
        self._feeds: dict[str, _Reading] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"options": self.options, "_began": self._began}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.options, self._began, self._feeds = state["options"], state["_began"], {}

    def list_tables(self) -> list[str]:
        return list(declarations().tables)

    def get_table_schema(self, table_name: str, table_options: Mapping[str, str]) -> StructType:
        return spark_schema(declarations().table(table_name))

    def read_table_metadata(
        self, table_name: str, table_options: Mapping[str, str]
    ) -> dict[str, Any]:
        declarations().table(table_name)
        return metadata_of(table_name, table_options)

    def read_table(
        self, table_name: str, start_offset: Offset | None, table_options: Mapping[str, str]
    ) -> tuple[Iterator[dict[str, Any]], Offset | None]:
        reading = self._reading(table_name, table_options)
        type_ = reading.options.text("ingestion_type")
        if type_ == "snapshot":
            return reading.snapshot(), None
        return reading.changes(start_offset, None if type_ == "append" else "upsert")

    def read_table_deletes(
        self, table_name: str, start_offset: Offset | None, table_options: Mapping[str, str]
    ) -> tuple[Iterator[dict[str, Any]], Offset]:
        return self._reading(table_name, table_options).changes(start_offset, "delete")

    def close(self) -> None:
        for reading in self._feeds.values():
            reading.feed.close()
        self._feeds = {}

    def _reading(self, table: str, options: Mapping[str, str]) -> _Reading:
        declarations().table(table)
        told = own_options(
            {"max_records_per_batch": SIMPLE_BATCH, **self.options, **options}, table
        )
        key = repr(sorted(told.values.items()))
        if key not in self._feeds:
            self._feeds[key] = _Reading(told, self._began)
        return self._feeds[key]


class _Reading:
    """One table, up to where its changes ended when it was first read: so every trigger ends."""

    def __init__(self, options: Options, began: datetime, program: Program | None = None) -> None:
        self.options = options
        self.feed = Feed(options, program)
        self._schema = chosen_schema(
            options.table, [column.name for column in columns_of(options.table)]
        )
        self._began = began
        self._target: Offset | None = None

    def snapshot(self) -> Iterator[dict[str, Any]]:
        self.feed.freshen(self._began)
        return _dictionaries(self.feed.snapshot(self._schema))

    def changes(
        self, start: Offset | None, only: str | None
    ) -> tuple[Iterator[dict[str, Any]], Offset]:
        begin = ordered(start) if start else dict(START)
        if self._target is None:
            self.feed.freshen(self._began)
            self._target = self.feed.end(dict(START))
        # Whether one can go on from there is looked at before anything is answered.
        end = self.feed.end(begin)
        end = {**end, "version": min(end["version"], self._target["version"])}
        if begin["lake"] != "" and end["version"] <= begin["version"]:
            return iter(()), begin
        stops = self.feed.stops(
            begin, end, self.options.whole("max_records_per_batch") or 1_000_000_000
        )
        if not stops:
            return iter(()), begin
        rows = self.feed.changes(begin, stops[0], (begin, stops[0]), self._schema, only)
        return _dictionaries(rows), stops[0]


def _dictionaries(batches: Iterator[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    return map(_json_like, (row for batch in batches for row in batch.to_pylist()))


def _json_like(value: Any) -> Any:
    """Instants as texts in UTC: what parses them takes a Z everywhere."""
    if isinstance(value, dict):
        return {name: _json_like(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_json_like(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    return value
