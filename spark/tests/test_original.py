"""What the original connector answers wrongly stays right here."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from conftest import Landed, Twin
from sluice_spark import MicrosoftTeamsLakeflowConnect
from sluice_spark.feed import open_feed, utc_now
from sluice_spark.options import parse_options
from sluice_spark.schema import chosen_schema

EIGHT_MONTHS = timedelta(days=243)


def values(landed: Landed, table: str, *names: str) -> list[tuple[object, ...]]:
    feed = landed.feed(table)
    batches = feed.snapshot(chosen_schema(feed.table, list(names)))
    return [tuple(row[name] for name in names) for batch in batches for row in batch.to_pylist()]


def test_ids_are_unique_in_their_channel_alone_and_keys_say_so() -> None:
    connector = MicrosoftTeamsLakeflowConnect({})
    keys = {
        table: connector.read_table_metadata(table, {})["primary_keys"]
        for table in ("channels", "members", "messages", "message_replies", "chat_messages")
    }
    assert keys == {
        "channels": ["team_id", "id"],
        "members": ["team_id", "id"],
        "messages": ["team_id", "channel_id", "id"],
        "message_replies": ["team_id", "channel_id", "parent_message_id", "id"],
        "chat_messages": ["chat_id", "id"],
    }


def test_a_first_load_by_delta_has_what_lies_before_its_eight_months(
    tenant: dict[str, str], twin: Twin
) -> None:
    options = parse_options({**tenant, "table": "messages", "use_delta_api": "true"})
    with open_feed(options) as feed:
        feed.freshen(utc_now())
        schema = chosen_schema(feed.table, ["id", "createdDateTime"])
        rows = [row for batch in feed.snapshot(schema) for row in batch.to_pylist()]
    assert len(rows) == len(twin.ledger("messages"))
    before = datetime.now(timezone.utc) - EIGHT_MONTHS
    assert any(row["createdDateTime"] < before for row in rows)


def test_no_value_is_the_one_that_stands_for_what_a_client_does_not_know(landed: Landed) -> None:
    kinds = {value for (value,) in values(landed, "channels", "membershipType")}
    kinds |= {value for (value,) in values(landed, "messages", "messageType")}
    assert kinds and "unknownFutureValue" not in kinds


def test_teams_have_what_their_list_does_not_say(landed: Landed) -> None:
    rows = values(landed, "teams", "webUrl", "isArchived", "internalId")
    assert rows and all(None not in row for row in rows)
