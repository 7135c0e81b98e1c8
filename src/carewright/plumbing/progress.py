"""One quiet line for long commands: how far, how fast, how long still. Drawn only when a person is watching."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

T = TypeVar("T")


def progress(items: Iterable[T], total: int, noun: str, out: TextIO | None = None) -> Iterator[T]:
    """
    Pass items through, drawing `  ███████░░░  7,012 of 10,000 patients  812/s  41 s left`.

    Draws only when a person is watching; a log file gets one line at the end.
    """
    bar = Bar(total, noun, out=out)
    for item in items:
        yield item
        bar.add(1)
    bar.close()


class Bar:
    """A bar that is told how much was done; bytes are shown as megabytes."""

    def __init__(self, total: int, noun: str, *, is_bytes: bool = False, out: TextIO | None = None):
        self.total, self.noun, self.is_bytes, self.out = total, noun, is_bytes, out or sys.stderr
        self.started, self.done, self.drawn_at, self.width = time.monotonic(), 0, 0.0, 0
        self.is_watched = self.out.isatty()

    def add(self, count: int) -> None:
        self.reach(self.done + count)

    def reach(self, done: int, total: int | None = None, noun: str | None = None) -> None:
        """So much is done now; the total and the noun may become known on the way."""
        self.done, self.total, self.noun = done, total or self.total, noun or self.noun
        now = time.monotonic()
        if self.is_watched and (now - self.drawn_at > 0.1 or self.done >= self.total):
            self.drawn_at = now
            self._draw(self.line(now - self.started))

    def line(self, seconds: float) -> str:
        """The line as a person reads it."""
        share = min(1.0, self.done / self.total) if self.total else 1.0
        filled = round(20 * share)
        bar = "█" * filled + "░" * (20 - filled)
        rate = self.done / seconds if seconds > 0 else 0
        left = f"{self._time((self.total - self.done) / rate)} left" if rate and self.done < self.total else "done"
        return f"  {bar}  {self._said(self.done)} of {self._said(self.total)} {self.noun}  {self._said(rate)}/s  {left}"

    def close(self) -> None:
        """End the line: what was done, and how long it took."""
        took = time.monotonic() - self.started
        ended = f"  {self._said(self.done)} {self.noun} in {took:.1f} s"
        if self.is_watched:
            self._draw(ended)
            self.out.write("\n")
        else:
            self.out.write(ended + "\n")
        self.out.flush()

    def _draw(self, line: str) -> None:
        self.out.write("\r" + line.ljust(self.width))
        self.out.flush()
        self.width = len(line)

    def _said(self, count: float) -> str:
        return f"{count / 1e6:,.1f} MB" if self.is_bytes else f"{count:,.0f}"

    @staticmethod
    def _time(seconds: float) -> str:
        return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
