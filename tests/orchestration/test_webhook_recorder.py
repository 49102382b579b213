"""Calls of the webhook that come together share a write to Dagster's storage, and none is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from orchestration.webhook import app as webhook
from orchestration.webhook.app import Recorder


def test_who_comes_during_a_write_shares_the_next_one_and_never_that_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    came, covered = 0, []

    async def write(_work: Callable[[], bool]) -> bool:
        covered.append(came)
        await asyncio.sleep(0.01)
        return True

    async def call(recorder: Recorder) -> None:
        nonlocal came
        came += 1
        mine = came
        assert await recorder.record()
        assert covered[-1] >= mine

    async def scene() -> None:
        recorder = Recorder()
        await asyncio.gather(*(call(recorder) for _ in range(40)))

    monkeypatch.setattr(webhook, "run_in_threadpool", write)
    asyncio.run(scene())
    assert covered == [1, 40]


def test_who_shares_a_write_that_fails_makes_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: list[Exception | bool] = [OSError("full"), True]

    async def write(_work: Callable[[], bool]) -> bool:
        await asyncio.sleep(0)
        if isinstance(outcome := outcomes.pop(0), Exception):
            raise outcome
        return outcome

    async def scene() -> list[bool | BaseException]:
        recorder = Recorder()
        return await asyncio.gather(*(recorder.record() for _ in range(3)), return_exceptions=True)

    monkeypatch.setattr(webhook, "run_in_threadpool", write)
    first, *others = asyncio.run(scene())
    assert isinstance(first, OSError)
    assert others == [True, True]
