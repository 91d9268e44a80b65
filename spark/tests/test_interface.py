"""The five methods, for every table: what a pipeline, and those who review a connector, look at."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql.types import ArrayType, DataType, StructType

from conftest import TABLES, Landed
from sluice_spark import MicrosoftTeamsLakeflowConnect, UnknownTable
from sluice_spark.feed import utc_now
from sluice_spark.lakeflow import _Reading, own_options

UNKNOWN = "__nonexistent_table_$$_9z9z9z__"
# The twin of these tests has no private and no shared channel.
EMPTY_TABLES = {"channel_members"}


@pytest.fixture(scope="module")
def connector(landed: Landed) -> Iterator[MicrosoftTeamsLakeflowConnect]:
    """All tables are asked of one child."""

    class OneChild(MicrosoftTeamsLakeflowConnect):
        def _reading(self, table: str, options: Any) -> _Reading:
            reading = super()._reading(table, options)
            reading.feed.program = landed.program
            return reading

    yield OneChild(landed.options)


def test_tables_are_a_list_of_texts_each_once(connector: MicrosoftTeamsLakeflowConnect) -> None:
    tables = connector.list_tables()
    assert tables and all(isinstance(one, str) for one in tables)
    assert len(set(tables)) == len(tables)


def test_an_unknown_table_is_refused_by_each_method_when_it_is_called(
    connector: MicrosoftTeamsLakeflowConnect,
) -> None:
    for method, given in (
        (connector.get_table_schema, (UNKNOWN, {})),
        (connector.read_table_metadata, (UNKNOWN, {})),
        (connector.read_table, (UNKNOWN, {}, {})),
        (connector.read_table_deletes, (UNKNOWN, {}, {})),
    ):
        with pytest.raises(UnknownTable, match="Valid: "):
            method(*given)
    with pytest.raises(UnknownTable, match="Did you mean messages"):
        connector.get_table_schema("mesages", {})


@pytest.mark.parametrize("table", TABLES)
def test_schema_and_metadata_are_equal_each_time_and_fit(
    connector: MicrosoftTeamsLakeflowConnect, table: str
) -> None:
    schema = connector.get_table_schema(table, {})
    assert isinstance(schema, StructType) and len(schema.names) > 0
    assert len(set(schema.names)) == len(schema.names)
    assert schema == connector.get_table_schema(table, {})
    for type_ in ("cdc_with_deletes", "cdc", "snapshot", "append"):
        metadata = connector.read_table_metadata(table, {"ingestion_type": type_})
        assert metadata == connector.read_table_metadata(table, {"ingestion_type": type_})
        assert metadata["ingestion_type"] == type_
        if type_ != "append":
            assert metadata["primary_keys"] and set(metadata["primary_keys"]) <= set(schema.names)
        if type_.startswith("cdc"):
            assert metadata["cursor_field"] in schema.names


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_read_to_its_end_in_batches_and_every_row_fits_its_schema(
    connector: MicrosoftTeamsLakeflowConnect, table: str
) -> None:
    schema = connector.get_table_schema(table, {})
    keys = connector.read_table_metadata(table, {})["primary_keys"]
    seen: list[dict[str, Any]] = []
    for read in (connector.read_table, connector.read_table_deletes):
        offset: dict[str, Any] | None = {}
        for _ in range(200):
            rows, after = read(table, offset, {"max_records_per_batch": "60"})
            batch = list(rows)
            assert json.loads(json.dumps(after)) == after
            # Rows never come with an offset that does not move.
            assert not batch or json.dumps(after) != json.dumps(offset)
            assert all(
                row["_op"] == ("upsert" if read == connector.read_table else "delete")
                for row in batch
            )
            seen += batch
            if json.dumps(after) == json.dumps(offset) or after == offset:
                break
            assert list(after) == ["lake", "version", "row", "least"]
            offset = after
        else:
            raise AssertionError("it does not end")
    assert bool(seen) != (table in EMPTY_TABLES)
    for row in seen:
        assert list(row) == schema.names
        assert all(row[key] is not None for key in keys)
        assert row["_commit"] is not None
        for field in schema.fields:
            _fits(row[field.name], field.dataType, f"{table}.{field.name}")


def test_none_and_an_empty_offset_mean_the_start(connector: MicrosoftTeamsLakeflowConnect) -> None:
    first, at_first = connector.read_table("messages", None, {})
    second, at_second = connector.read_table("messages", {}, {})
    # A batch is a set: its rows have no order.
    assert sorted(map(json.dumps, first)) == sorted(map(json.dumps, second))
    assert at_first == at_second


def test_a_reading_that_is_left_after_some_rows_hinders_no_other(
    connector: MicrosoftTeamsLakeflowConnect,
) -> None:
    rows, _ = connector.read_table("messages", {}, {})
    assert len(list(itertools.islice(rows, 3))) == 3
    assert len(list(connector.read_table("teams", {}, {})[0])) == 2


def test_a_snapshot_is_every_row_that_stands_and_has_no_offset(
    connector: MicrosoftTeamsLakeflowConnect,
) -> None:
    rows, offset = connector.read_table("channels", None, {"ingestion_type": "snapshot"})
    assert offset is None
    assert len(list(rows)) == 4


def _fits(value: Any, type_: DataType, place: str) -> None:
    if value is None:
        return
    if isinstance(type_, StructType):
        assert isinstance(value, dict) and list(value) == type_.names, place
        for field in type_.fields:
            _fits(value[field.name], field.dataType, f"{place}.{field.name}")
    elif isinstance(type_, ArrayType):
        assert isinstance(value, list), place
        for one in value:
            _fits(one, type_.elementType, place)
    elif type_.typeName() == "timestamp":
        assert isinstance(value, str) and value.endswith("Z"), place
    else:
        kind = {"string": str, "boolean": bool, "integer": int, "long": int, "double": float}[
            type_.typeName()
        ]
        assert isinstance(value, kind), place


def test_options_of_the_host_project_are_no_options_of_a_table() -> None:
    told = own_options(
        {
            "tableName": "x",
            "tablename": "x",
            "isdeleteflow": "true",
            "databricks.connection": "c",
            "lake": "l",
        },
        "messages",
    )
    assert set(told.values) == {"lake", "table"}
    assert _Reading(told, utc_now()).options.table.name == "messages"
