"""Runs that publish nothing: the figures stay, the page says why in red, and the next steps work."""

import re
import shutil
from html import unescape

import pytest
from sevdesk_sandbox import Sandbox

from tests.helpers.pipeline_project import Project
from tests.pipeline.conftest import NOON, SEED
from tests.pipeline.test_pipeline import by_hand, in_warehouse, on_the_page

pytestmark = pytest.mark.xdist_group("pipeline")  # its tests share a first run

NOT_UPDATED = "Nicht aktualisiert."
NO_NEWER = "Dies sind die Zahlen der Aktualisierung davor."


def alarms(project: Project) -> list[str]:
    """Return the red boxes that the page shows."""
    page = project.report.read_text(encoding="utf-8")
    found = re.findall(r'<(\w+) class="alarm"([^>]*)>(.*?)</\1>', page, re.DOTALL)
    texts = [re.sub(r"<[^>]+>", " ", text) for _, attributes, text in found if "hidden" not in attributes]
    return [" ".join(unescape(text).split()) for text in texts]


def loaded(project: Project) -> list[tuple[str, int]]:
    return project.query(
        "select sev_client->>'id' as account, count(*) from raw.invoices group by account order by account"
    )


def test_deletes_need_a_word_and_another_account_is_refused(project_run_once: Project) -> None:
    project = project_run_once
    with Sandbox(seed=SEED, now=NOON) as sandbox:
        figures = by_hand(sandbox)
        assert alarms(project) == []

        # what looks like deletion is not published ...
        sandbox.switches.set(emptied="Invoice")
        sandbox.clock.advance(hours=1)
        code, printed = project.job("nightly", sandbox)
        assert code == 1, printed
        assert "make accept-deletes" in printed[printed.index("Error: ") :]
        assert in_warehouse(project) == figures
        assert on_the_page(project, figures[1])
        (alarm,) = alarms(project)
        assert alarm.startswith(NOT_UPDATED)
        assert "stehen nicht mehr in den Listen von sevDesk" in alarm
        assert NO_NEWER in alarm
        assert "make " not in alarm, "finance has no console"

        # ... until somebody accepts it
        code, printed = project.job("hourly", sandbox, ACCEPT_DELETES="1")
        assert code == 0, printed
        assert in_warehouse(project)[0] < figures[0]
        assert alarms(project) == []

        # another account is refused before anything is loaded, though the state is gone
        before = loaded(project)
        assert [account for account, _ in before] == ["1"]
        sandbox.switches.set(account="2", emptied="")
        for gone in (".meltano", ".dagster/build_state.local.json"):
            path = project.folder / gone
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            code, printed = project.job("hourly", sandbox)
            assert code == 1, printed
            assert "belongs to sevDesk account 2" in printed
            assert "Traceback" not in printed
            assert loaded(project) == before
            (alarm,) = alarms(project)
            assert alarm.startswith(NOT_UPDATED)
            assert "Der API-Token gehört zum sevDesk-Konto 2" in alarm
