"""The language of alerts: the report's, with a catalog of their own (`locale/de.po`; English is in the code).

Reasons of failures come as English sentences from the tap, from dbt and from this project, in logs and in
Dagster's history. `REASONS` lists them; one that is not listed is left to the view for engineers, so that no
message is half in English.
"""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

from sevdesk_report import Language, language

LOCALE = Path(__file__).with_name("locale")
ELSEWHERE = "The details are for an engineer, behind the link."
REASONS = (
    # of the tap, whose settings are called as in .env here
    "sevDesk refused the API token (401).",
    "sevDesk forbids the request (403).",
    "%(path)s: the server answered %(status)s, %(times)s times.",
    "%(path)s: the server answered %(status)s.",
    "%(path)s: no complete answer within %(seconds)s seconds, %(times)s times.",
    "%(path)s: no complete answer within %(seconds)s seconds.",
    "%(path)s: the connection failed (%(kind)s), %(times)s times.",
    "%(path)s: the connection failed (%(kind)s).",
    "%(path)s: the answer was not JSON, %(times)s times.",
    "%(path)s: the answer was not JSON.",
    "%(path)s: too many rows are spoilt, %(times)s times.",
    "%(path)s: the server redirects elsewhere (%(status)s), which is not followed.",
    "%(path)s: the server does not know it (%(status)s with code %(code)s).",
    "%(path)s: the server does not know it (%(status)s).",
    "%(path)s: the server refused the request (%(status)s with code %(code)s).",
    "%(path)s: the server refused the request (%(status)s).",
    "%(path)s: the answer holds no objects but an error with code %(code)s.",
    "%(path)s: the answer holds no objects but an error.",
    "%(path)s: the answer is not a list.",
    "%(path)s: not asked for, because sevDesk has stopped answering.",
    "%(path)s: sevDesk sent a row of account %(other)s while account %(account)s is read.",
    "No secure connection to %(address)s: its certificate is not valid, or it has none.",
    "This machine's clock is %(time)s ahead of sevDesk's.",
    "This machine's clock is %(time)s behind sevDesk's.",
    "The API token belongs to sevDesk account %(other)s, but %(what)s is of account %(account)s.",
    "The settings of %(program)s are not usable: %(problems)s.",
    "Nothing was read.",
    # of Meltano and the loader
    "The warehouse did not take the data (%(loader)s failed).",
    "The program that reads sevDesk could not do its work; an engineer has to look.",
    "Another run is reading sevDesk right now.",
    "Wait until it has ended.",
    "Reading sevDesk was stopped after %(minutes)s minutes, its limit.",
    "A `meltano run` that was not started from here is reading sevDesk, or was killed while it did.",
    # of dbt
    "The warehouse file is open in process %(process)s.",
    "The warehouse file is open in another program.",
    "Close it there, then run again.",
    "dbt was stopped after %(minutes)s minutes, its limit.",
    "dbt could not build %(models)s.",
    "dbt ended with exit code %(code)s.",
    "The figures break %(number)s rule: %(rules)s.",
    "The figures break %(number)s rules: %(rules)s.",
    (
        "The warehouse holds records of %(number)s sevDesk accounts (sevClient %(accounts)s), and figures of "
        "two firms are never added up: nothing is published."
    ),
    "Start anew with `make reset`, or load the other account into another database.",
    (
        "%(lost)s of %(documents)s published documents (%(lost_net)s of %(net)s EUR net) are no longer in "
        "sevDesk's lists: nothing is published."
    ),
    (
        "If they were really deleted, run `make accept-deletes`; if not, see whether the user of the token "
        "may see all documents, and run `make nightly`."
    ),
    # of Snowflake
    "Snowflake does not let the pipeline in: its sign-in is refused.",
    "Snowflake does not allow the pipeline what it has to do there.",
    "Snowflake's warehouse is stopped and does not compute for the pipeline.",
    "Snowflake cannot be reached.",
    # of the run itself
    "The warehouse does not answer.",
    "The page of the report cannot be written.",
    "The page is up to date, but the copy of the warehouse for people could not be written.",
    "The latest update failed.",
    "an unexpected error; an engineer has to look.",
    "it was stopped from outside: it took too long, or its process or machine ended.",
    # of the report's package, which has the translations
    "The latest read saw not as many as sevDesk counts.",
    "%(name)s: %(number)s fewer",
    "%(name)s: %(number)s more",
)
PHRASES = ("and %(number)s more", "(%(number)s rows)")


def words(code: str) -> Language:
    """Return the language `code` with the words of alerts. Raises ValueError for one that there is not."""
    return language(code, LOCALE)


def reason(text: str, said_in: Language) -> str:
    """Return `text`, an English reason, in the language: sentence by sentence, without unknown ones."""
    if said_in.code == "en":
        return text
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    known = [found for each in sentences if (found := _sentence(each, said_in) or _list(each, said_in))]
    return " ".join(known) or said_in.text(ELSEWHERE)


def _sentence(text: str, said_in: Language) -> str:
    for template, pattern in _patterns(REASONS):
        if found := pattern.fullmatch(text):
            values = {name: _value(value, said_in) for name, value in found.groupdict().items()}
            return said_in.text(template, **values)
    return ""


def _list(text: str, said_in: Language) -> str:
    """Return a sentence that is a list of what `_sentence` knows."""
    parts = [_sentence(each, said_in) for each in re.split(r", | and ", text.removesuffix("."))]
    return f"{said_in.listed(parts)}." if all(parts) else ""


def _value(value: str, said_in: Language) -> str:
    """Return a number in the notation of the language, a list of sevDesk by its name there, else `value`."""
    if re.fullmatch(r"-?[\d,]*\d\.\d\d", value):
        return said_in.amount(Decimal(value.replace(",", "")))
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", value):
        return said_in.count(int(value.replace(",", "")))
    for phrase, pattern in _patterns(PHRASES):
        value = pattern.sub(lambda found, phrase=phrase: said_in.text(phrase, **found.groupdict()), value)  # type: ignore[misc]
    return said_in.text(value)


@cache
def _patterns(templates: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """Return each template with what matches it."""
    return [
        (each, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(each)))) for each in templates
    ]
