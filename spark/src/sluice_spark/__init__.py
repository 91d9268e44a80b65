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
    from .lakeflow import MicrosoftTeamsLakeflowConnect
    from .lakeflow_source import MicrosoftTeamsDataSource
    from .source import SluiceDataSource

__all__ = [
    "FullRefreshNeeded",
    "MicrosoftTeamsDataSource",
    "MicrosoftTeamsLakeflowConnect",
    "OptionError",
    "ProgramError",
    "SluiceDataSource",
    "SluiceError",
    "UnknownTable",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The data sources need PySpark 4; all else does not."""
    if name == "SluiceDataSource":
        from .source import SluiceDataSource

        return SluiceDataSource
    if name == "MicrosoftTeamsLakeflowConnect":
        from .lakeflow import MicrosoftTeamsLakeflowConnect

        return MicrosoftTeamsLakeflowConnect
    if name == "MicrosoftTeamsDataSource":
        from .lakeflow_source import MicrosoftTeamsDataSource

        return MicrosoftTeamsDataSource
    raise AttributeError(name)
