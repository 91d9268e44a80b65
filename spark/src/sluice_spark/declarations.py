"""Tables and options, as the program declares them: generated, and read without starting it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from .errors import UnknownTable
from .names import nearest

ColumnType = str | Mapping[str, Any]
IngestionType = Literal["snapshot", "cdc", "cdc_with_deletes", "append"]


@dataclass(frozen=True)
class Column:
    name: str
    type: ColumnType
    description: str


@dataclass(frozen=True)
class Table:
    name: str
    description: str
    resource: str
    """How the service gives it: a listing that is complete (`snapshot`), or changes."""
    listing: str
    primary_key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Option:
    name: str
    kind: Literal["connection", "reader", "table", "pipeline"]
    form: Literal["text", "list", "boolean", "whole", "instant", "choice", "place"]
    says: str
    is_secret: bool = False
    default: str | None = None
    values: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    sets: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declarations:
    protocol: int
    version: str
    tables: Mapping[str, Table]
    change_columns: tuple[Column, ...]
    options: Mapping[str, Option]

    def table(self, name: str) -> Table:
        """Raises UnknownTable, which names the nearest."""
        found = self.tables.get(name)
        if found is not None:
            return found
        raise UnknownTable(
            "unknown_table",
            f'There is no table "{name}".{nearest(name, self.tables)} Valid: {", ".join(self.tables)}.',
            "user_action",
            {"field": "table", "valid": list(self.tables)},
        )


@cache
def declarations() -> Declarations:
    raw = json.loads(files(__package__).joinpath("declarations.json").read_text(encoding="utf-8"))
    tables = [
        Table(
            one["name"],
            one["description"],
            one["resource"],
            one["listing"],
            tuple(one["primaryKey"]),
            _columns(one["columns"]),
        )
        for one in raw["tables"]
    ]
    options = [
        Option(
            one["name"],
            one["kind"],
            one["form"],
            one["says"],
            one.get("isSecret", False),
            one.get("default"),
            tuple(one.get("values", ())),
            tuple(one["between"]) if "between" in one else None,  # type: ignore[arg-type]
            one.get("sets", {}),
            tuple(one.get("filters", ())),
        )
        for one in raw["options"]
    ]
    return Declarations(
        raw["protocol"],
        raw["version"],
        {table.name: table for table in tables},
        _columns(raw["changeColumns"]),
        {option.name: option for option in options},
    )


def _columns(raw: list[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(one["name"], one["type"], one["description"]) for one in raw)
