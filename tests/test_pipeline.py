"""The whole: from the sandbox's books, through every room, to the figures on the page."""

from __future__ import annotations

import re
import signal
import socket
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from books_by_hand import counted
from pipeline_project import Project
from sevdesk_sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

NOON = "2026-06-30T12:00:00+00:00"
BOOKS = ("Invoice", "CreditNote", "Contact", "ContactAddress", "StaticCountry")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.copy_to(tmp_path)


def by_hand(sandbox: Sandbox) -> tuple[int, Decimal, Decimal]:
    """Documents, net and gross of the books as of the sandbox's clock."""
    documents = counted({name: sandbox.books.rows(name) for name in BOOKS})
    return len(documents), sum(d.net for d in documents), sum(d.gross for d in documents)


def in_warehouse(project: Project) -> tuple[int, Decimal, Decimal]:
    (found,) = project.query(
        "select sum(document_count), sum(total_net_eur), sum(total_gross_eur) from analytics.invoices_amount_by_city"
    )
    return found


def german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def on_the_page(project: Project, amount: Decimal) -> bool:
    text = re.sub(r"<[^>]+>", " ", project.report.read_text(encoding="utf-8")).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    return german(amount) in text


def test_figures_are_those_of_the_books_at_first_after_changes_and_after_deletes(project: Project) -> None:
    with Sandbox(seed=3, now=NOON) as sandbox:
        code, printed = project.job("hourly", sandbox)
        assert code == 0, printed
        assert in_warehouse(project) == by_hand(sandbox)
        assert on_the_page(project, by_hand(sandbox)[1])

        sandbox.clock.advance(hours=5)
        before = len(sandbox.log)
        code, printed = project.job("hourly", sandbox)
        assert code == 0, printed
        pages = [entry for entry in sandbox.log[before:] if entry.path.endswith("/Invoice")]
        assert len(pages) == 1, "one page of news"
        assert dict(pages[0].params)["updateAfter"]
        assert len(pages[0].ids) < 100, "only what changed"
        # An hourly run cannot see deletes, and only drafts and the like are ever deleted: the figures stand.
        assert in_warehouse(project) == by_hand(sandbox)

        draft = next(row for row in sandbox.books.rows("Invoice") if row["status"] == "200")
        sandbox.books.delete("Invoice", draft["id"])
        code, printed = project.job("nightly", sandbox)
        assert code == 0, printed
        assert in_warehouse(project) == by_hand(sandbox)
        assert project.query(
            f"select is_deleted from staging.invoices_stg where invoice_id = '{draft['id']}'"
        ) == [(True,)]
        assert on_the_page(project, by_hand(sandbox)[1])


def test_meltano_by_hand_as_the_readme_says(project: Project) -> None:
    alone = project.environment(SEVDESK_REQUESTS_PER_SECOND="")
    code, printed = project.run("sevdesk-sandbox", "meltano", "run", "tap-sevdesk", "target-duckdb", **alone)
    assert code == 0, printed
    assert project.query("select count(*) from raw.invoices")[0][0] > 1000


def test_a_run_killed_half_way_is_completed_by_the_next(project: Project) -> None:
    with Sandbox(seed=3, now=NOON) as sandbox:
        asked = len(sandbox.log)
        sandbox.switches.set(latency_ms=100)
        process = project.start("python", "-m", "orchestration", "hourly", **project.environment(sandbox))
        deadline = time.monotonic() + 120
        while len(sandbox.log) < asked + 8 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        sandbox.switches.set(latency_ms=0)
        assert not project.report.exists()

        code, printed = project.job("hourly", sandbox)
        assert code == 0, printed
        assert in_warehouse(project) == by_hand(sandbox)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param({"SEVDESK_API_KEY": "0" * 32}, "token", id="wrong key"),
        pytest.param(
            {"SEVDESK_API_URL": f"http://127.0.0.1:{closed_port()}/api/v1"},
            "api_url",
            id="unreachable address",
        ),
        pytest.param({"MELTANO_ENVIRONMENT": "production"}, "MELTANO_ENVIRONMENT", id="unknown world"),
    ],
)
def test_bad_input_ends_in_a_sentence(project: Project, settings: dict[str, str], says: str) -> None:
    with Sandbox(firm=False) as sandbox:
        code, printed = project.job("hourly", sandbox, **settings)
    complaint = printed[printed.index("Error: ") :].split("\n\n")[0]
    assert code == 1
    assert says in complaint
    assert "Traceback" not in printed
    assert sandbox.token not in printed
    assert not project.report.exists()
