"""The changes of a table as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import DataSourceStreamReader, InputPartition

from .feed import START, Feed, Offset, open_feed, ordered, utc_now
from .options import Options
from .schema import chosen_schema

try:
    from pyspark.sql.streaming.datasource import ReadAllAvailable, SupportsTriggerAvailableNow

    _HAS_LIMITS = True
except ImportError:  # Spark 4.0 and 4.1
    _HAS_LIMITS = False


@dataclass(frozen=True)
class Changes(InputPartition):
    """Changes between two offsets, of a batch that lies between two others."""

    start: Offset
    end: Offset
    within: tuple[Offset, Offset]


class _StreamReader(DataSourceStreamReader):
    def __init__(self, options: Options, names: list[str]) -> None:
        self._options = options
        self._schema = chosen_schema(options.table, names)
        self._feed = Feed(options)
        self._target: Offset | None = None
        self._given: Offset | None = None

    def initialOffset(self) -> Offset:
        return dict(START)

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        stops = self._feed.stops(
            ordered(start), ordered(end), self._options.whole("rows_per_partition")
        )
        found: list[InputPartition] = []
        begin = ordered(start)
        for stop in stops:
            found.append(Changes(begin, stop, (ordered(start), ordered(end))))
            begin = stop
        return found

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, Changes)
        with open_feed(self._options) as feed:
            yield from feed.changes(partition.start, partition.end, partition.within, self._schema)

    def commit(self, end: Offset) -> None:
        """Nothing is kept for what was read."""

    def stop(self) -> None:
        self._feed.close()

    def _fix_target(self) -> None:
        self._feed.freshen(utc_now())
        self._target = self._feed.end(dict(START))

    def _next(self, start: Offset) -> Offset:
        """The same offset where there is no change; never rows without another offset."""
        if self._target is None:
            self._feed.freshen(utc_now())
        end = self._feed.end(start)
        if self._target is not None and self._target["lake"] == end["lake"]:
            end = {**end, "version": min(end["version"], self._target["version"])}
        if start["lake"] != "" and end["version"] <= start["version"]:
            return start
        most = self._options.whole("max_records_per_batch")
        stops = self._feed.stops(start, end, most or 1_000_000_000)
        return stops[0] if stops else start


if _HAS_LIMITS:

    class SluiceStreamReader(_StreamReader, SupportsTriggerAvailableNow):
        """Of Spark 4.2 and later: batches are bounded, and a trigger for what is there now ends."""

        def getDefaultReadLimit(self) -> Any:
            return ReadAllAvailable()

        def latestOffset(self, start: Offset, limit: Any) -> Offset:
            return self._next(ordered(start))

        def reportLatestOffset(self) -> Offset | None:
            return self._target

        def prepareForTriggerAvailableNow(self) -> None:
            self._fix_target()

else:

    class SluiceStreamReader(_StreamReader):  # type: ignore[no-redef]
        """Of Spark 4.0 and 4.1, which do not say where a batch begins: each ends where the changes end."""

        def latestOffset(self) -> Offset:
            given = self._given
            self._feed.freshen(utc_now())
            end = self._feed.end(given or dict(START))
            if given is None or self._feed.stops(given, end, 1_000_000_000):
                self._given = end
            return self._given or end
