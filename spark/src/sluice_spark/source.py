"""Microsoft Teams as a Python data source of Spark: `spark.dataSource.register(SluiceDataSource)`, format `sluice`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.types import StructType

from .feed import open_feed, utc_now
from .options import Options, parse_options
from .schema import chosen_schema, spark_schema
from .stream import SluiceStreamReader


class SluiceDataSource(DataSource):
    """Batches read the rows that stand; streams read the changes, `_op` says which are deletes."""

    @classmethod
    def name(cls) -> str:
        return "sluice"

    def schema(self) -> StructType:
        """Starts no program."""
        return spark_schema(parse_options(self.options).table)

    def reader(self, schema: StructType) -> SluiceReader:
        return SluiceReader(parse_options(self.options), schema.names)

    def streamReader(self, schema: StructType) -> SluiceStreamReader:
        return SluiceStreamReader(parse_options(self.options), schema.names)


@dataclass(frozen=True)
class OwnFiles(InputPartition):
    """Files of a lake that is a folder."""

    paths: tuple[str, ...]


@dataclass(frozen=True)
class KeptFiles(InputPartition):
    """Files of a lake elsewhere."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Written(InputPartition):
    """Rows that are written for this reading: no files hold exactly those that stand."""


class SluiceReader(DataSourceReader):
    def __init__(self, options: Options, names: list[str]) -> None:
        self._options = options
        self._schema = chosen_schema(options.table, names)

    def partitions(self) -> Sequence[InputPartition]:
        with open_feed(self._options) as feed:
            feed.freshen(utc_now())
            files = feed.parts()
        if files is None:
            return [Written()]
        found: list[InputPartition] = [
            OwnFiles((one["localPath"],)) if "localPath" in one else KeptFiles((one["key"],))
            for one in files
        ]
        # Without any, Spark makes one of its own.
        return found or [OwnFiles(())]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        with open_feed(self._options) as feed:
            if isinstance(partition, OwnFiles):
                yield from feed.own(partition.paths, self._schema)
            elif isinstance(partition, KeptFiles):
                yield from feed.fetched(partition.keys, self._schema)
            else:
                yield from feed.snapshot(self._schema)
