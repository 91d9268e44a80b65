"""Real Spark: batches, streams with triggers that end, and the virtual tables of the host project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import TABLES, Landed, Twin


def test_a_tenant_is_read_by_one_line(spark: Any, tenant: dict[str, str], twin: Twin) -> None:
    rows = spark.read.format("sluice").options(**tenant).option("table", "messages").load()
    found = sorted((row.team_id, row.channel_id, row.id) for row in rows.collect())
    assert found == sorted(
        (row["team_id"], row["channel_id"], row["id"]) for row in twin.ledger("messages")
    )


@pytest.mark.parametrize(
    "table", ["messages", "message_reactions", "members", "call_records", "hosted_content_files"]
)
def test_what_is_landed_is_read_without_the_tenant(spark: Any, landed: Landed, table: str) -> None:
    rows = spark.read.format("sluice").options(**landed.options).option("table", table).load()
    parts = landed.feed(table).parts()
    assert rows.count() == sum(one["rows"] for one in parts)
    assert rows.columns[-3:] == ["_op", "_version", "_commit"]


def test_a_stream_that_is_triggered_twice_holds_what_the_tenant_holds(
    spark: Any, tenant: dict[str, str], twin: Twin, tmp_path: Path
) -> None:
    standing: dict[Any, str] = {}
    batches: list[int] = []

    def merge(batch: Any, _: int) -> None:
        rows = batch.select("team_id", "channel_id", "id", "etag", "_op", "_commit").collect()
        batches.append(len(rows))
        assert len({row[:3] for row in rows}) == len(rows)
        for row in rows:
            standing.pop(tuple(row[:3]), None)
            if row._op == "upsert":
                standing[tuple(row[:3])] = row.etag

    def trigger() -> None:
        stream = (
            spark.readStream.format("sluice")
            .options(**tenant)
            .option("table", "messages")
            .option("max_records_per_batch", "25")
            .option("fresh_seconds", "0")
            .load()
        )
        query = (
            stream.writeStream.foreachBatch(merge)
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination()

    def truth() -> set[Any]:
        return {(row["team_id"], row["channel_id"], row["id"]) for row in twin.ledger("messages")}

    trigger()
    assert set(standing) == truth()
    assert len(batches) > 1 and max(batches) <= 25
    twin.post("/events", [{"type": "post"}, {"type": "edit"}, {"type": "post"}])
    before = len(batches)
    trigger()
    assert set(standing) == truth()
    assert 2 <= sum(batches[before:]) <= 4


def test_the_virtual_tables_keep_the_order_in_which_they_were_asked(spark: Any) -> None:
    asked = ["users", "messages", "teams"]
    rows = (
        spark.read.format("lakeflow_connect")
        .option("tableName", "_community_table_metadata")
        .option("tableNameList", json.dumps(asked))
        .option("tableConfigs", json.dumps({"teams": {"ingestion_type": "snapshot"}}))
        .load()
        .collect()
    )
    assert [row.tableName for row in rows] == asked
    assert [row.ingestion_type for row in rows] == [
        "cdc_with_deletes",
        "cdc_with_deletes",
        "snapshot",
    ]
    tables = (
        spark.read.format("lakeflow_connect")
        .option("tableName", "_community_tables")
        .load()
        .collect()
    )
    assert [row.tableName for row in tables] == sorted(TABLES)
    assert (
        spark.read.format("lakeflow_connect")
        .option("tableName", "_community_namespaces")
        .load()
        .count()
        == 0
    )


def test_a_table_and_its_delete_flow_are_read_under_the_name_of_the_host_project(
    spark: Any, landed: Landed, tmp_path: Path
) -> None:
    counts = {}
    for flow in ("false", "true"):
        stream = (
            spark.readStream.format("lakeflow_connect")
            .options(**landed.options)
            .option("tableName", "message_reactions")
            .option("isDeleteFlow", flow)
            .load()
        )
        found: list[str] = []
        query = (
            stream.writeStream.foreachBatch(
                lambda batch, _, found=found: found.extend(row._op for row in batch.collect())
            )
            .option("checkpointLocation", str(tmp_path / flow))
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination()
        counts[flow] = found
    assert set(counts["false"]) == {"upsert"}
    assert set(counts["true"]) <= {"delete"}


def test_what_is_wrong_is_said_by_its_code(spark: Any, landed: Landed) -> None:
    for given, code in (
        ({"table": "mesages"}, "unknown_table"),
        ({"table": "messages", "tope": "5"}, "option_unknown"),
    ):
        with pytest.raises(Exception, match=code):
            spark.read.format("sluice").options(**landed.options).options(**given).load().count()
