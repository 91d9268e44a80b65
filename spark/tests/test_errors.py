"""A child that dies, that talks, that is not there; a tenant that refuses."""

from __future__ import annotations

import os
import signal
import stat
import warnings
from pathlib import Path

import pytest

from conftest import Landed, Twin
from sluice_spark import ProgramError, SluiceError
from sluice_spark.feed import START, Partial, open_feed, utc_now
from sluice_spark.options import parse_options
from sluice_spark.program import Program


def test_a_child_that_was_killed_is_started_again_and_asked_again(landed: Landed) -> None:
    with Program(parse_options({**landed.options, "table": "teams"})) as program:
        before = program.ask("position", offset=START)
        os.kill(program.pid or 0, signal.SIGKILL)
        assert program.ask("position", offset=START) == before


def fake(tmp_path: Path, script: str) -> dict[str, str]:
    """A program of another kind, in the place of Node.js."""
    path = tmp_path / "node"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"lake": "x", "table": "teams", "node": str(path), "program": "main.js"}


HELLO = """echo '{"hello": {"protocol": 1, "version": "0", "node": "v0"}}'"""


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("exit 3", "program_died"),
        (f"{HELLO}; read line; exit 3", "program_died"),
        (f"{HELLO}; read line; echo 'a stray print'; sleep 1", "program_unreadable"),
        ("""echo '{"hello": {"protocol": 2}}'; sleep 1""", "program_of_another_release"),
    ],
)
def test_what_is_no_frame_and_a_child_that_ends_are_typed_errors(
    tmp_path: Path, script: str, code: str
) -> None:
    with Program(parse_options(fake(tmp_path, script))) as program:
        with pytest.raises(ProgramError) as raised:
            program.ask("position")
        assert raised.value.code == code


def test_much_on_standard_error_blocks_nothing(tmp_path: Path) -> None:
    flood = "head -c 3000000 /dev/zero | tr '\\\\0' 'x' >&2"
    script = f"""{HELLO}; read a; {flood}; echo '{{"id": 1, "end": {{}}}}'; read b; echo '{{"id": 2, "end": {{"end": {{}}}}}}'"""
    with Program(parse_options(fake(tmp_path, script))) as program:
        assert program.ask("position") == {"end": {}}


def test_a_node_that_cannot_be_started_is_said(landed: Landed) -> None:
    with Program(
        parse_options({**landed.options, "table": "teams", "node": "/nowhere/node"})
    ) as program:
        with pytest.raises(ProgramError, match="node_unusable"):
            program.ask("position")


def test_the_scratch_folder_goes_with_the_program(landed: Landed, tmp_path: Path) -> None:
    options = parse_options({**landed.options, "table": "messages", "scratch": str(tmp_path)})
    with open_feed(options) as feed:
        feed.program.ask("snapshot", table="messages")
        assert any(tmp_path.rglob("*.parquet"))
    assert list(tmp_path.iterdir()) == []


def test_a_tenant_that_is_read_in_part_warns_and_names_what_is_missing(
    tenant: dict[str, str], twin: Twin
) -> None:
    options = parse_options(
        {**tenant, "table": "messages", "max_pages_per_batch": "1", "use_delta_api": "false"}
    )
    with open_feed(options) as feed, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        feed.freshen(utc_now())
    for one in told:
        assert issubclass(one.category, Partial)
        assert "messages" in str(one.message)


def test_errors_of_the_program_have_its_codes(landed: Landed) -> None:
    feed = landed.feed("teams")
    with pytest.raises(SluiceError) as raised:
        feed.program.ask("freshen", tables=["teams"], since="2026-01-01T00:00:00Z")
    assert raised.value.code == "config_invalid"
    assert "TEAMS_TENANT_ID" in str(raised.value)
