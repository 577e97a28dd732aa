"""Standard output and error for readers who leave early, as `head` does: what nobody reads is dropped, and the command
ends as it would have ended."""

import io
import os
from typing import Any, TextIO


class _Unread(io.RawIOBase):
    """A file that may have lost its reader."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.descriptor

    def isatty(self) -> bool:
        return os.isatty(self.descriptor)

    def write(self, data: Any, /) -> int:
        try:
            return os.write(self.descriptor, data)
        except BrokenPipeError:
            return len(data)


def unread(stream: TextIO) -> TextIO:
    """The same stream, whoever may have stopped reading it."""
    raw = io.BufferedWriter(_Unread(stream.fileno()))
    return io.TextIOWrapper(
        raw, encoding=stream.encoding, errors=stream.errors, line_buffering=bool(stream.line_buffering)
    )
