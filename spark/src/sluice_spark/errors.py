"""What can go wrong, each with the code that the program and its documentation give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class SluiceError(Exception):
    """An error with a code, what to do about it, and facts. The message holds no secret and no message text."""

    def __init__(
        self,
        code: str,
        message: str,
        recovery: str = "fail",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.recovery = recovery
        self.details = dict(details or {})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, self.recovery, self.details)


class FullRefreshNeeded(SluiceError):
    """A stream cannot go on from where it was: the table is to be read anew."""


class OptionError(SluiceError):
    """An option that is not known, or has a value that is none of its kind."""


class UnknownTable(SluiceError):
    """A table that there is not."""


class ProgramError(SluiceError):
    """The program cannot be found or started, ended, or said what is no frame."""


def error_of(frame: Mapping[str, Any]) -> SluiceError:
    """The exception of an error frame."""
    kind = {"full_refresh_needed": FullRefreshNeeded, "unknown_table": UnknownTable}
    code = str(frame.get("code", "unexpected"))
    return kind.get(code, SluiceError)(
        code,
        str(frame.get("message", "")),
        str(frame.get("recovery", "fail")),
        frame.get("details") or {},
    )
