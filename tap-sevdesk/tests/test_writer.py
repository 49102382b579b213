"""Messages leave whole and in their order, whatever standard output takes at a time."""

import signal
import subprocess
import sys

import pytest

from tap_sevdesk.writer import BufferedWriter

SLOW_TO_READ = """
from tap_sevdesk.writer import BufferedWriter
for number in range(400):
    BufferedWriter().write_lines(b'{"number":%d,"text":"%s"}\\n' % (number, b"x" * 100_000))
"""


class Sips:
    """Standard output without a buffer: takes 10 bytes at a time, and now and then none."""

    def __init__(self) -> None:
        self.buffer = self
        self.taken = bytearray()
        self._calls = 0

    def write(self, lines: memoryview) -> int | None:
        self._calls += 1
        if self._calls % 3 == 0:
            return None
        self.taken += lines[:10]
        return len(lines[:10])

    def flush(self) -> None: ...


def test_nothing_is_lost_when_a_write_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Sips()
    monkeypatch.setattr(sys, "stdout", pipe)
    lines = b"".join(b'{"number":%d}\n' % number for number in range(100))
    BufferedWriter().write_lines(lines)
    assert bytes(pipe.taken) == lines


def test_a_process_without_output_buffer_may_be_stopped_and_continued() -> None:
    """Containers set PYTHONUNBUFFERED; `docker pause` and a laptop's sleep stop processes in mid-write."""
    with subprocess.Popen([sys.executable, "-u", "-c", SLOW_TO_READ], stdout=subprocess.PIPE) as tap:
        assert tap.stdout
        numbers = []
        for line in tap.stdout:
            numbers.append(line[: line.index(b",")])
            if len(numbers) % 10 == 0:
                tap.send_signal(signal.SIGSTOP)
                tap.send_signal(signal.SIGCONT)
            assert line.endswith(b'x"}\n')
            assert len(line) == len(b'{"number":,"text":""}\n') + len(str(len(numbers) - 1)) + 100_000
    assert numbers == [b'{"number":%d' % number for number in range(400)]
