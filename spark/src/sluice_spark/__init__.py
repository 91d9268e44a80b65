"""Microsoft Teams for Spark: a data source, and a Lakeflow community connector. Everything of Teams is in the program
`sluice`, which it drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import (
    FullRefreshNeeded,
    OptionError,
    ProgramError,
    SluiceError,
    UnknownTable,
)

if TYPE_CHECKING:
    from .source import SluiceDataSource

__all__ = [
    "FullRefreshNeeded",
    "OptionError",
    "ProgramError",
    "SluiceDataSource",
    "SluiceError",
    "UnknownTable",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The data source needs PySpark 4; all else does not."""
    if name == "SluiceDataSource":
        from .source import SluiceDataSource

        return SluiceDataSource
    raise AttributeError(name)
