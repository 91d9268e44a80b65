"""Every option is a text, and is read strictly."""

from __future__ import annotations

import pytest

from sluice_spark import OptionError
from sluice_spark.declarations import declarations
from sluice_spark.options import parse_options

BASE = {"lake": "s3://bucket/lake", "table": "messages"}
# Of each form: what is taken, and what is not.
GOOD = {
    "text": "x",
    "place": "s3://bucket/lake",
    "list": "a, b",
    "boolean": "True",
    "instant": "2026-01-31T08:00:00Z",
}
BAD = {
    "boolean": "yes",
    "whole": "12.0",
    "instant": "31.1.2026",
    "choice": "neither",
    "list": "a,,b",
}
OPTIONS = list(declarations().options)
OF_THE_ORIGINAL = [
    "tenant_id",
    "client_id",
    "client_secret",
    "team_id",
    "channel_id",
    "message_id",
    "fetch_all_teams",
    "fetch_all_channels",
    "fetch_all_messages",
    "top",
    "max_pages_per_batch",
    "max_records_per_batch",
    "start_date",
    "lookback_seconds",
    "use_delta_api",
    "max_concurrent_threads",
    "reaction_poll_window_days",
    "reaction_poll_batch_size",
    "scd_type",
    "primary_keys",
    "sequence_by",
    "cluster_by",
]


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_takes_what_its_form_says_and_refuses_all_else_by_name(name: str) -> None:
    option = declarations().options[name]
    good = GOOD.get(option.form) or (
        option.values[0] if option.values else str((option.between or (1,))[0])
    )
    extra = {"table": "messages", "team_id": "t"} if name != "fetch_all_teams" else {}
    assert (
        name
        in parse_options({**BASE, **extra, name: "messages" if name == "table" else good}).values
    )
    for bad in {BAD.get(option.form, ""), "", "  "}:
        with pytest.raises(OptionError, match=name):
            parse_options({**BASE, name: bad})


@pytest.mark.parametrize("name", OF_THE_ORIGINAL)
def test_every_option_of_the_original_connector_is_known(name: str) -> None:
    assert name in declarations().options


@pytest.mark.parametrize(
    ("written", "meant"),
    [("use_delta_ap", "use_delta_api"), ("scd_types", "scd_type"), ("teamId", "team_id")],
)
def test_an_unknown_option_is_named_with_the_nearest(written: str, meant: str) -> None:
    with pytest.raises(OptionError, match=f"{written}.*Did you mean {meant}"):
        parse_options({**BASE, written: "x"})


def test_the_value_of_a_secret_is_in_no_error() -> None:
    for name, option in declarations().options.items():
        if option.is_secret:
            with pytest.raises(OptionError) as refused:
                parse_options({**BASE, name: ""})
            assert '""' not in str(refused.value)


def test_lists_are_taken_with_commas_and_as_a_pipeline_writes_them() -> None:
    for text in ("a,b", " a , b ", '["a", "b"]'):
        assert parse_options({**BASE, "team_id": text}).list("team_id") == ("a", "b")


def test_what_an_option_means_to_the_program() -> None:
    def told(**given: str) -> dict[str, str]:
        return parse_options({**BASE, **given}).variables()

    assert told(use_delta_api="true")["SLUICE_LAKE_STRATEGY"] == "delta"
    assert told(use_delta_api="false")["SLUICE_LAKE_STRATEGY"] == "recent"
    assert told(team_id="a,b")["SLUICE_LAKE_TEAMS"] == "a,b"
    assert told(start_date="2026-01-31")["SLUICE_LAKE_SINCE"] == "2026-01-31"
    assert told(max_pages_per_batch="3")["SLUICE_LAKE_MAX_PAGES"] == "3"
    polled = told(reaction_poll_window_days="3")
    assert (
        polled["SLUICE_LAKE_VERIFY_REACTIONS"],
        polled["SLUICE_LAKE_VERIFY_REACTIONS_DAYS"],
    ) == ("true", "3")
    assert told(top="50", max_concurrent_threads="10", scd_type="scd_type_2") == told()


def test_a_parent_is_needed_where_nothing_looks_for_it() -> None:
    with pytest.raises(
        OptionError, match="fetch_all_teams is false, and team_id is not given: messages"
    ):
        parse_options({**BASE, "fetch_all_teams": "false"})
    parse_options({**BASE, "fetch_all_teams": "false", "team_id": "a"})
    with pytest.raises(
        OptionError, match="team_id names some teams, and fetch_all_teams asks for all"
    ):
        parse_options({**BASE, "fetch_all_teams": "true", "team_id": "a"})


def test_neither_lake_nor_tenant_is_named() -> None:
    with pytest.raises(OptionError, match="lake.*tenant_id"):
        parse_options({"table": "teams"}).variables()


def test_no_table_is_named() -> None:
    with pytest.raises(OptionError, match="No table is named"):
        _ = parse_options({"lake": "x"}).table
