"""What Snowflake, or its connector, refused, as one sentence that names the setting and says what to do.

The numbers and texts are those of Snowflake's server and of snowflake-connector-python; the loader, Meltano's
bookmarks and dbt print them, each within text of its own.
"""

import os
import re
from dataclasses import dataclass

from orchestration.snowflake.account import DBT_USER, named_for_dbt

GRANTS = "Run snowflake/setup.sql again as ACCOUNTADMIN"


@dataclass(frozen=True)
class Refusal:
    """`sentence`: for who can fix it. `public`: for everybody. `transient`: trying again later may help."""

    sentence: str
    public: str
    transient: bool = False


REFUSED = "Snowflake does not let the pipeline in: its sign-in is refused."
FORBIDDEN = "Snowflake does not allow the pipeline what it has to do there."
STOPPED = "Snowflake's warehouse is stopped and does not compute for the pipeline."
UNREACHED = "Snowflake cannot be reached."


# A pattern in what Snowflake says, and the sentence for who can fix it; the first match wins.
# In a sentence {role} is the name of the setting, {object} what Snowflake names.
_SIGN_IN = {
    r"private key is (not )?encrypted|key is encrypted but no private_key_passphrase|Incorrect padding"
    r"|Invalid private key format|Unable to load PEM|Could not deserialize key|number of data characters"
    r"|could not load the private key|Incorrect password, could not decrypt": (
        "SNOWFLAKE_PRIVATE_KEY is no whole key in one line, or SNOWFLAKE_PRIVATE_KEY_PASSPHRASE is not "
        "its passphrase. `make doctor` says which."
    ),
    r"\b290404 \(|\b000403:|Verify the account name": (
        "There is no such Snowflake account: SNOWFLAKE_ACCOUNT is wrong. It is ORGANISATION-ACCOUNT, "
        "what stands before .snowflakecomputing.com in the account's address."
    ),
    r"\b390432 \(|Network policy is required": (
        "The token in SNOWFLAKE_PASSWORD needs a network policy. Let an administrator give one to the "
        "user in SNOWFLAKE_USER, or sign in with SNOWFLAKE_PRIVATE_KEY."
    ),
    r"\b390422 \(|is not allowed to access Snowflake": (
        "A network policy of Snowflake shuts out this machine. Let an administrator allow its address "
        "for the user in SNOWFLAKE_USER."
    ),
    r"\b390144 \(|JWT token is invalid": (
        "Snowflake does not accept the key. Is SNOWFLAKE_PRIVATE_KEY the one whose public half the user "
        "in SNOWFLAKE_USER was given (end of snowflake/setup.sql), are SNOWFLAKE_USER and "
        "SNOWFLAKE_ACCOUNT right, and is the clock of this machine?"
    ),
    r"temporarily locked|access disabled": (
        "The user in SNOWFLAKE_USER is locked or disabled. A lock after wrong passwords ends by itself "
        "in 15 minutes; a disabled user is enabled by an administrator."
    ),
    r"MFA authentication is required|Multi-factor authentication is required": (
        "Snowflake wants a second factor from the user in SNOWFLAKE_USER. Sign in with "
        "SNOWFLAKE_PRIVATE_KEY instead of SNOWFLAKE_PASSWORD."
    ),
    r"programmatic access token": (
        "The token in SNOWFLAKE_PASSWORD is not valid: it ran out, was revoked, or belongs to another "
        "user than SNOWFLAKE_USER. Make a new one."
    ),
    r"\b390100 \(|Incorrect username or password": (
        "Snowflake knows no such user with this password. Set SNOWFLAKE_USER and SNOWFLAKE_PASSWORD "
        "right, or sign in with SNOWFLAKE_PRIVATE_KEY."
    ),
    r"\b39018[69] \(|specified in the connect string": (
        "{role} names a role that does not exist or that the user in SNOWFLAKE_USER was not granted. "
        f"Set it right, or: {GRANTS}."
    ),
}
_WAREHOUSE = {
    r"\b090073 \(|resource monitor .*exceeded its quota|Warehouse .*cannot be resumed": (
        "The warehouse in SNOWFLAKE_WAREHOUSE is stopped: its resource monitor has no credits left. "
        "Raise credit_quota of the monitor, or wait until next month."
    ),
    r"\b(000606|390201) \(|No active warehouse|Warehouse .*suspended": (
        "There is no warehouse to compute with: SNOWFLAKE_WAREHOUSE names none that exists, that the "
        f"role in {{role}} may use and that resumes by itself. Set it right, or: {GRANTS}."
    ),
}
_GRANTS = {
    r"\b003001 \(|Insufficient privileges": (
        f"The role in {{role}} lacks a grant on {{object}}. {GRANTS}; it adds what is missing."
    ),
    r"\b090105 \(|does not have a current database": (
        "There is no such database, or the role in {role} may not use it: check SNOWFLAKE_DATABASE. "
        f"{GRANTS}."
    ),
    r"\b0020(03|43) \(|does not exist or not authorized": (
        "Snowflake does not show the role in {role} {object}, or it is not there. Check "
        f"SNOWFLAKE_DATABASE and {{role}}. {GRANTS}; it adds what is missing."
    ),
}
_NETWORK = {
    r"\b(250003|25101[12])(:| \()|Could not connect to Snowflake|Service is unavailable": (
        "Snowflake cannot be reached. Is SNOWFLAKE_ACCOUNT right, and does the network of this machine "
        "let HTTPS out to it?"
    ),
}
_ANY_OTHER_SIGN_IN = {
    r"Failed to connect to DB": (
        "Snowflake refuses the sign-in; the log has its reason. Check SNOWFLAKE_ACCOUNT, "
        "SNOWFLAKE_USER and SNOWFLAKE_PRIVATE_KEY or SNOWFLAKE_PASSWORD."
    ),
}
RULES = (
    (REFUSED, _SIGN_IN),
    (STOPPED, _WAREHOUSE),
    (FORBIDDEN, _GRANTS),
    (UNREACHED, _NETWORK),
    (REFUSED, _ANY_OTHER_SIGN_IN),
)


def explain(text: str, role: str = "SNOWFLAKE_ROLE") -> Refusal | None:
    """Return what `text`, of a log or an exception, means; None if Snowflake refused nothing in it.

    `role` is the setting with the role that was used: dbt has one of its own. A lost connection may come
    back by itself. The rest needs a person: repeating a wrong sign-in locks the user, a spent quota stays.
    """
    for public, rules in RULES:
        for pattern, sentence in rules.items():
            if re.search(pattern, text, re.IGNORECASE):
                filled = sentence.format(role=role, object=_object(text))
                if role == "SNOWFLAKE_DBT_ROLE" and os.environ.get(DBT_USER):
                    filled = named_for_dbt(filled)
                return Refusal(filled, public, transient=public == UNREACHED)
    return None


def _object(text: str) -> str:
    """Return what Snowflake says is missing or forbidden, as `schema 'RAW'`."""
    found = re.search(
        r"(?:operate on |^|\n)\s*(\w+ '[\w.\"$-]+')(?: does not exist|\.?\s|\.?$)", text, re.IGNORECASE
    )
    kind, _, name = found[1].partition(" ") if found else ("", "", "")
    return f"{kind.lower()} {name}" if kind else "something it needs"
