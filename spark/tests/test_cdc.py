"""Changes: each once, in batches of any size, on from any offset, with deletes, also after a death in between."""

from __future__ import annotations

import json
import os
import random
import signal
from itertools import pairwise
from typing import Any

import pytest

from conftest import Landed, Twin
from sluice_spark import FullRefreshNeeded, MicrosoftTeamsLakeflowConnect
from sluice_spark.feed import START, open_feed, utc_now
from sluice_spark.options import parse_options
from sluice_spark.schema import chosen_schema, columns_of

SEED = int(os.environ.get("SLUICE_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
ROUNDS = int(os.environ.get("SLUICE_SPARK_ROUNDS", "3"))
SOME = ("messages", "message_reactions", "members")


def test_reading_on_from_every_offset_gives_the_rest_and_nothing_twice(landed: Landed) -> None:
    feed = landed.feed("message_reactions")
    schema = chosen_schema(feed.table, [*feed.table.primary_key, "_op", "_commit"])

    def read(begin: Any, end: Any) -> list[str]:
        return sorted(
            json.dumps(row)
            for batch in feed.changes(begin, end, (begin, end), schema)
            for row in batch.to_pylist()
        )

    end = feed.end(dict(START))
    offsets = [dict(START), *feed.stops(dict(START), end, 40)]
    parts = [read(*pair) for pair in pairwise(offsets)]
    for at in range(len(parts)):
        # A range says of each key the last change alone: compared is what came, as a set of keys.
        rest = {json.dumps(json.loads(row)) for part in parts[at:] for row in part}
        assert set(read(offsets[at], end)) <= rest
    assert feed.stops(end, end, 1) == []


@pytest.mark.parametrize("table", SOME)
def test_one_row_of_each_key_in_a_batch_and_its_parts(landed: Landed, table: str) -> None:
    feed = landed.feed(table)
    schema = chosen_schema(feed.table, [*feed.table.primary_key, "_op", "_commit"])
    end = feed.end(dict(START))
    begin, keys = dict(START), []
    for stop in feed.stops(begin, end, 15):
        for batch in feed.changes(begin, stop, (dict(START), end), schema):
            keys += [tuple(row[key] for key in feed.table.primary_key) for row in batch.to_pylist()]
        begin = stop
    assert keys and len(keys) == len(set(keys))


def test_another_lake_and_a_lake_that_went_back_need_a_full_refresh(landed: Landed) -> None:
    feed = landed.feed("messages")
    end = feed.end(dict(START))
    for offset in ({**end, "lake": "another"}, {**end, "version": end["version"] + 1}):
        with pytest.raises(FullRefreshNeeded, match="full_refresh_needed"):
            feed.end(offset)


def test_random_tenants_cut_at_random_with_deaths_between_are_what_the_tenant_is(
    twin: Twin, tenant: dict[str, str]
) -> None:
    """The union of all batches, deletes taken out, against the rows that stand."""
    chance = random.Random(SEED)
    print(f"seed {SEED}, {ROUNDS} rounds")
    standing: dict[str, dict[Any, Any]] = {table: {} for table in SOME}
    offsets = {table: dict(START) for table in SOME}
    kinds = ("post", "reply", "edit", "react", "unreact", "delete")
    for round_ in range(ROUNDS):
        options = parse_options({**tenant, "table": SOME[0], "fresh_seconds": "0"})
        with open_feed(options) as feed:
            feed.program.ask(
                "freshen",
                tables=list(SOME),
                since=utc_now().isoformat().replace("+00:00", "Z"),
                limits="none",
            )
            for table in SOME:
                feed.table = parse_options({**tenant, "table": table}).table
                schema = chosen_schema(
                    feed.table, [column.name for column in columns_of(feed.table)]
                )
                end = feed.end(offsets[table])
                while True:
                    stops = feed.stops(offsets[table], end, chance.choice([15, 40, 1_000]))
                    if not stops:
                        break
                    if chance.random() < 0.15:
                        os.kill(feed.program.pid or 0, signal.SIGKILL)
                    rows = [
                        row
                        for batch in feed.changes(
                            offsets[table], stops[0], (offsets[table], stops[0]), schema
                        )
                        for row in batch.to_pylist()
                    ]
                    if chance.random() < 0.2:
                        continue  # It died before it was committed: the same again.
                    for row in rows:
                        key = tuple(row[name] for name in feed.table.primary_key)
                        standing[table].pop(key, None)
                        if row["_op"] == "upsert":
                            standing[table][key] = row
                    offsets[table] = stops[0]
                snapshot = [row for batch in feed.snapshot(schema) for row in batch.to_pylist()]
                told = sorted(json.dumps(row, default=str) for row in standing[table].values())
                assert told == sorted(json.dumps(row, default=str) for row in snapshot), (
                    table,
                    round_,
                    SEED,
                )
        twin.post("/events", [{"type": chance.choice(kinds)} for _ in range(12)])


def test_upserts_and_deletes_have_streams_of_their_own(tenant: dict[str, str], twin: Twin) -> None:
    connector = MicrosoftTeamsLakeflowConnect({**tenant, "fresh_seconds": "0"})
    rows, offset = connector.read_table("message_reactions", {}, {})
    keys = connector.read_table_metadata("message_reactions", {})["primary_keys"]
    standing = {tuple(row[key] for key in keys) for row in rows}
    _, deletes = connector.read_table_deletes("message_reactions", {}, {})
    connector.close()
    twin.post("/events", [{"type": "unreact"}, {"type": "unreact"}, {"type": "react"}])
    later = MicrosoftTeamsLakeflowConnect({**tenant, "fresh_seconds": "0"})
    came, _ = later.read_table("message_reactions", offset, {})
    standing |= {tuple(row[key] for key in keys) for row in came}
    gone, _ = later.read_table_deletes("message_reactions", deletes, {})
    gone_rows = list(gone)
    assert gone_rows and all(row["_commit"] is not None for row in gone_rows)
    standing -= {tuple(row[key] for key in keys) for row in gone_rows}
    assert standing == {
        tuple(row[key] for key in keys)
        for row in later.read_table("message_reactions", None, {"ingestion_type": "snapshot"})[0]
    }
    later.close()
