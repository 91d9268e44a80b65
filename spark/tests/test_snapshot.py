"""The rows that stand: of every table as the lake has them, by files of the lake and by files that are written."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from conftest import LEDGERS, TABLES, Landed
from sluice_spark.feed import START
from sluice_spark.schema import chosen_schema, columns_of


def rows_of(batches: Any) -> list[str]:
    return sorted(
        json.dumps(row, default=str, sort_keys=True)
        for batch in batches
        for row in batch.to_pylist()
    )


@pytest.mark.parametrize("table", TABLES)
def test_files_of_the_lake_written_rows_and_the_union_of_changes_are_the_same(
    landed: Landed, table: str
) -> None:
    feed = landed.feed(table)
    schema = chosen_schema(feed.table, [column.name for column in columns_of(feed.table)])
    written = rows_of(feed.snapshot(schema))
    parts = feed.parts()
    assert parts is not None
    assert rows_of(feed.own([one["localPath"] for one in parts], schema)) == written
    assert rows_of(feed.fetched([one["key"] for one in parts], schema)) == written
    key = feed.table.primary_key
    standing: dict[Any, dict[str, Any]] = {}
    end = feed.end(dict(START))
    begin = dict(START)
    for stop in feed.stops(begin, end, 60):
        for batch in feed.changes(begin, stop, (begin, stop), schema):
            for row in batch.to_pylist():
                name = tuple(row[column] for column in key)
                if row["_op"] == "delete":
                    standing.pop(name, None)
                else:
                    standing[name] = row
        begin = stop
    told = sorted(json.dumps(row, default=str, sort_keys=True) for row in standing.values())
    assert told == written


@pytest.mark.parametrize("table", LEDGERS)
def test_rows_that_stand_are_those_of_the_tenant(landed: Landed, table: str) -> None:
    feed = landed.feed(table)
    found = rows_of(feed.snapshot(chosen_schema(feed.table, list(feed.table.primary_key))))
    truth = [{key: row[key] for key in feed.table.primary_key} for row in landed.truth[table]]
    assert found == sorted(json.dumps(row, sort_keys=True) for row in truth)


def test_only_rows_of_the_named_parents_are_read(landed: Landed) -> None:
    schema = pa.schema([pa.field("channel_id", pa.string())])
    channels = {
        row["channel_id"]
        for batch in landed.feed("messages").snapshot(schema)
        for row in batch.to_pylist()
    }
    one = min(channels)
    some = [
        row["channel_id"]
        for batch in landed.feed("messages", channel_id=one).snapshot(schema)
        for row in batch.to_pylist()
    ]
    assert some and set(some) == {one}
