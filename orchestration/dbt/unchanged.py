"""Whether the models have to be built at all: asked of dbt before an hourly build.

A read brings the latest hour once more and several small lists whole, so rows are new every hour though
nothing has changed. A test of dbt's compares what they say with what the latest build was made from
(transform/macros/build.sql). Where that is the same, data_as_of moves on and no model runs.
"""

from dataclasses import dataclass
from datetime import datetime

from orchestration.dbt.events import DbtLog, Event
from orchestration.dbt.run import DbtError, dbt
from orchestration.environment import World

ABOUT_THE_READING = "config.meta.about:reading"
SINCE = "Nothing has changed since "
MINUTE = 60.0


@dataclass(frozen=True)
class Unchanged:
    """Since when nothing has changed, an aware instant, and what the rules about the reading gave."""

    since: datetime
    events: list[Event]
    log: DbtLog


def unchanged(world: World) -> Unchanged | None:
    """Check the rules about the reading; return what they gave if nothing has changed, else None.

    None also if that cannot be told, say before the first build: the build that follows says what is wrong.
    """
    log = DbtLog()
    try:
        events = list(dbt(world, ["test", "--select", ABOUT_THE_READING], timeout=5 * MINUTE, log=log))
    except DbtError:
        return None
    said = [event["info"]["msg"] for event in events if event["info"]["name"] == "JinjaLogInfo"]
    since = [text.removeprefix(SINCE) for text in said if text.startswith(SINCE)]
    return Unchanged(datetime.fromisoformat(since[0]), events, log) if since else None
