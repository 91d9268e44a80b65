"""The twin over HTTP, one lake of it with every table, and the program that is built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sluice_spark.declarations import declarations
from sluice_spark.feed import Feed
from sluice_spark.options import parse_options
from sluice_spark.program import Program

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "dist" / "cli" / "main.js"
TABLES = list(declarations().tables)
LEDGERS = ("teams", "channels", "members", "users", "messages", "message_replies")


@dataclass(frozen=True)
class Twin:
    url: str
    options: dict[str, str]

    def post(self, path: str, body: Any) -> None:
        request = urllib.request.Request(
            f"{self.url}/_twin{path}",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        urllib.request.urlopen(request).close()

    def ledger(self, table: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/_twin/ledger?table={table}") as answer:
            return [json.loads(line) for line in answer.read().decode().splitlines() if line]

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_twin/stats") as answer:
            return dict(json.loads(answer.read()))


@pytest.fixture(scope="session")
def twin() -> Iterator[Twin]:
    yield from served(
        "--teams", "2", "--channels", "2", "--messages", "20", "--users", "10", "--chats", "3"
    )


def served(*size: str) -> Iterator[Twin]:
    child = subprocess.Popen(
        [
            "node",
            str(MAIN),
            "simulate",
            "--json",
            "--port",
            "0",
            "--profile",
            "regular",
            "--seed",
            "5",
            "--limits",
            "none",
            *size,
        ],
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    said = json.loads(child.stdout.readline())
    env = said["env"]
    options = {
        "tenant_id": env["TEAMS_TENANT_ID"],
        "client_id": env["TEAMS_CLIENT_ID"],
        "client_secret": env["TEAMS_CLIENT_SECRET"],
        "graph_url": env["TEAMS_GRAPH_URL"],
        "login_url": env["TEAMS_LOGIN_URL"],
        "limits": "none",
        "program": str(MAIN),
    }
    yield Twin(said["url"], options)
    child.kill()
    child.wait()


@pytest.fixture
def tenant(twin: Twin, tmp_path: Path) -> dict[str, str]:
    """Options of the twin with a lake of one's own."""
    return {**twin.options, "lake": str(tmp_path / "lake")}


@dataclass(frozen=True)
class Landed:
    """A lake that is not read any more: readers of it ask the tenant for nothing."""

    path: str
    program: Program
    """What the tenant held when it was read last: other tests change it."""
    truth: dict[str, list[dict[str, Any]]]

    @property
    def options(self) -> dict[str, str]:
        return {"lake": self.path, "program": str(MAIN)}

    def feed(self, table: str, **more: str) -> Feed:
        """All tables are asked of one child: starting it is what takes time."""
        return Feed(parse_options({**self.options, "table": table, **more}), self.program)


@pytest.fixture(scope="session")
def landed(twin: Twin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    """Every table, with changes and deletes after the first load."""
    path = str(tmp_path_factory.mktemp("landed") / "lake")
    options = parse_options({**twin.options, "lake": path, "table": "teams"})
    with Program(options) as program:
        program.ask("freshen", tables=TABLES, since="2025-01-01T00:00:00Z", limits="none")
        twin.post(
            "/events",
            [{"type": kind} for kind in ("post", "edit", "react", "unreact", "reply", "delete")],
        )
        subprocess.run(
            [
                "node",
                str(MAIN),
                "sync",
                "--lake",
                path,
                "--limits",
                "none",
                "--json",
                "--tables",
                "messages,message_replies,message_reactions",
            ],
            env={**os.environ, **_environment(twin.options)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    truth = {table: twin.ledger(table) for table in LEDGERS}
    reading = parse_options({"lake": path, "program": str(MAIN), "table": "teams"})
    with Program(reading) as program:
        yield Landed(path, program, truth)
    shutil.rmtree(path, ignore_errors=True)


def _environment(options: dict[str, str]) -> dict[str, str]:
    names = {
        "tenant_id": "TEAMS_TENANT_ID",
        "client_id": "TEAMS_CLIENT_ID",
        "client_secret": "TEAMS_CLIENT_SECRET",
        "graph_url": "TEAMS_GRAPH_URL",
        "login_url": "TEAMS_LOGIN_URL",
    }
    return {variable: options[name] for name, variable in names.items()}


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One session for all tests: it starts for half a minute."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(ROOT / "spark" / "src"), os.environ.get("PYTHONPATH", "")]
    )
    from pyspark.sql import SparkSession

    from sluice_spark import MicrosoftTeamsDataSource, SluiceDataSource

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    session.dataSource.register(SluiceDataSource)
    session.dataSource.register(MicrosoftTeamsDataSource)
    yield session
    session.stop()


CATEGORIES = {
    "test_initialisation": "initialisation and authentication",
    "test_interface": "interface",
    "test_snapshot": "snapshot",
    "test_cdc": "cdc",
    "test_errors": "error handling",
    "test_end_to_end": "end to end",
}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many tests of each category passed: none is skipped silently."""
    counts = {name: 0 for name in CATEGORIES.values()}
    for report in terminalreporter.stats.get("passed", []):
        name = Path(report.nodeid.split("::")[0]).stem
        if name in CATEGORIES:
            counts[CATEGORIES[name]] += 1
    skipped = len(terminalreporter.stats.get("skipped", []))
    terminalreporter.write_line(", ".join(f"{name}: {count}" for name, count in counts.items()))
    terminalreporter.write_line(f"skipped: {skipped}")
