"""Options are texts. Each is read strictly, as its declaration says; one that is not known is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .declarations import Option, Table, declarations
from .errors import OptionError
from .names import nearest

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?")
_ITSELF = "$value"
# What Spark itself adds.
_OF_SPARK = frozenset({"path", "paths"})


@dataclass(frozen=True)
class Options:
    """What a reader was told, each value read. `repr` shows no value: some are secrets."""

    values: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Options({', '.join(sorted(self.values))})"

    @property
    def table(self) -> Table:
        name = self.values.get("table")
        if name is None:
            raise OptionError(
                "option_missing",
                'No table is named: .option("table", "messages").',
                "user_action",
                {"option": "table"},
            )
        return declarations().table(name)

    def text(self, name: str) -> str | None:
        return self.values.get(name, declarations().options[name].default)

    def whole(self, name: str) -> int:
        return int(self.text(name) or 0)

    def list(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name)
        return () if value is None else tuple(value.split(","))

    @property
    def reads_tenant(self) -> bool:
        """Whether the tenant is read before the lake is: who signs in is named."""
        return "tenant_id" in self.values

    @property
    def lake(self) -> str:
        if "lake" in self.values:
            return self.values["lake"]
        if not self.reads_tenant:
            raise OptionError(
                "option_missing",
                "Name the lake that is to be read (lake), or the tenant (tenant_id and how to sign in).",
                "user_action",
                {"option": "lake"},
            )
        return str(Path.home() / ".sluice" / "lakes" / self.values["tenant_id"])

    def variables(self) -> dict[str, str]:
        """What the program is told, by the names of its variables."""
        told = {"SLUICE_LAKE_URL": self.lake}
        for name, value in self.values.items():
            for variable, text in declarations().options[name].sets.items():
                if isinstance(text, Mapping):
                    told[variable] = text[value]
                else:
                    told[variable] = value if text == _ITSELF else text
        return told

    def filters(self, table: Table) -> dict[str, frozenset[str]]:
        """Values that a column must have, in lower case."""
        columns = {column.name for column in table.columns}
        found: dict[str, frozenset[str]] = {}
        for name, value in self.values.items():
            column = next(
                (one for one in declarations().options[name].filters if one in columns), None
            )
            # A list of teams is a table whose own id is meant.
            if column is None and name == f"{table.name[:-1]}_id":
                column = "id"
            if column is not None:
                found[column] = frozenset(one.lower() for one in value.split(","))
        return found


def parse_options(given: Mapping[str, str]) -> Options:
    """Raises OptionError, which names the option, its value (no secret) and what is valid."""
    known = declarations().options
    values: dict[str, str] = {}
    for written, text in given.items():
        name = written.lower()
        if name in _OF_SPARK:
            continue
        option = known.get(name)
        if option is None:
            raise OptionError(
                "option_unknown",
                f"There is no option {written}.{nearest(name, known)} Valid: {', '.join(known)}.",
                "user_action",
                {"option": written},
            )
        values[name] = _read(option, str(text).strip())
    _check_parents(values)
    return Options(values)


def _read(option: Option, text: str) -> str:
    if text == "":
        raise _wrong(option, text, "a value that is not empty")
    if option.form == "boolean":
        lower = text.lower()
        if lower not in ("true", "false"):
            raise _wrong(option, text, "true or false")
        return lower
    if option.form == "whole":
        least, most = option.between or (0, 2**63 - 1)
        if not re.fullmatch(r"\d{1,18}", text) or not least <= int(text) <= most:
            raise _wrong(option, text, f"a whole number from {least} to {most}")
        return str(int(text))
    if option.form == "instant":
        if not _INSTANT.fullmatch(text):
            raise _wrong(option, text, "a date or an instant in ISO 8601, such as 2026-01-31")
        return text
    if option.form == "choice":
        found = next((one for one in option.values if one.lower() == text.lower()), None)
        if found is None:
            raise _wrong(option, text, f"one of {', '.join(option.values)}")
        return found
    if option.form == "list":
        return ",".join(_elements(option, text))
    return text


def _elements(option: Option, text: str) -> list[str]:
    """Separated by commas, or a JSON list: pipelines write lists so."""
    if text.startswith("["):
        try:
            raw = json.loads(text)
        except ValueError:
            raise _wrong(option, text, "a list, comma-separated or as JSON") from None
        parts = [str(one).strip() for one in raw]
    else:
        parts = [one.strip() for one in text.split(",")]
    if not parts or any(one == "" or "," in one for one in parts):
        raise _wrong(option, text, "a list without empty elements")
    return parts


def _wrong(option: Option, text: str, due: str) -> OptionError:
    shown = "" if option.is_secret else f' is "{text}":'
    return OptionError(
        "option_invalid",
        f"{option.name}{shown} {due} is due.",
        "user_action",
        {"option": option.name},
    )


_PARENTS = (
    ("fetch_all_teams", "team_id"),
    ("fetch_all_channels", "channel_id"),
    ("fetch_all_messages", "message_id"),
)


def _check_parents(values: Mapping[str, str]) -> None:
    for switch, parent in _PARENTS:
        if values.get(switch) == "false" and parent not in values:
            table = values.get("table", "the table")
            raise OptionError(
                "option_missing",
                f"{switch} is false, and {parent} is not given: {table} needs one of them.",
                "user_action",
                {"option": parent},
            )
    if values.get("fetch_all_teams") == "true" and "team_id" in values:
        raise OptionError(
            "option_conflict",
            "team_id names some teams, and fetch_all_teams asks for all: give one of them.",
            "user_action",
            {"option": "fetch_all_teams"},
        )
