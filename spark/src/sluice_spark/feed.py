"""What is asked of a lake: that it is fresh, where its changes end, and files with rows."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa

from .arrow import batches
from .errors import ProgramError
from .options import Options
from .program import Program

Offset = dict[str, Any]

# Before there is a lake. The order of the keys never changes: Spark compares offsets as texts.
START: Offset = {"lake": "", "version": 0, "row": None, "least": 0}


def ordered(offset: Offset) -> Offset:
    return {name: offset[name] for name in START}


class Partial(UserWarning):
    """The tenant could be read only in part; the warning names what is missing."""


class Feed:
    """One table of a lake."""

    def __init__(self, options: Options, program: Program | None = None) -> None:
        self.options = options
        self.table = options.table
        self.program = program or Program(options)

    def freshen(self, began: datetime) -> None:
        """Reads the tenant, unless a run that began late enough has."""
        if not self.options.reads_tenant:
            return
        since = began - timedelta(seconds=self.options.whole("fresh_seconds"))
        answer = self.program.ask(
            "freshen",
            tables=[self.table.name],
            since=since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            limits=self.options.text("limits"),
        )
        if answer["outcome"] != "ok":
            missing = "; ".join(answer["missing"]) or "the run before says what"
            warnings.warn(f"The tenant was read in part: {missing}.", Partial, stacklevel=2)

    def end(self, start: Offset) -> Offset:
        """Raises FullRefreshNeeded when one cannot go on from there."""
        return ordered(self.program.ask("position", offset=start)["end"])

    def stops(self, start: Offset, end: Offset, changes: int) -> list[Offset]:
        if start == end:
            return []
        answer = self.program.ask(
            "stops", table=self.table.name, **{"from": start}, to=end, changes=changes
        )
        return [ordered(one["to"]) for one in answer["stops"]]

    def changes(
        self,
        start: Offset,
        end: Offset,
        within: tuple[Offset, Offset],
        schema: pa.Schema,
        only: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Asked at once, read as it is looked at."""
        answer = self.program.ask(
            "changes",
            table=self.table.name,
            **{"from": start},
            to=end,
            within={"from": within[0], "to": within[1]},
            only=only or self.options.text("only"),
        )
        return self._rows(answer["files"], schema)

    def parts(self) -> Any:
        return self.program.ask("parts", table=self.table.name)["files"]

    def snapshot(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        return self._rows(self.program.ask("snapshot", table=self.table.name)["files"], schema)

    def fetched(self, keys: Sequence[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        return self._rows(self.program.ask("fetch", keys=list(keys))["files"], schema)

    def own(self, paths: Sequence[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Files of the lake itself."""
        for path in paths:
            if not os.path.exists(path):
                raise ProgramError(
                    "lake_not_reachable",
                    "A file of the lake is not on this machine: the lake is a folder of another one, or the reading"
                    " took longer than a day. Take a lake that every machine reaches (s3://, https://…blob…).",
                    "user_action",
                )
        return batches(paths, schema, self.options.filters(self.table))

    def close(self) -> None:
        self.program.close()

    def _rows(self, files: Sequence[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for path in files:
            yield from batches([path], schema, self.options.filters(self.table))
            os.unlink(path)


@contextmanager
def open_feed(options: Options) -> Iterator[Feed]:
    feed = Feed(options)
    try:
        yield feed
    finally:
        feed.close()


def utc_now() -> datetime:
    return datetime.now(timezone.utc)
