"""The whole: from the sandbox's books, through every room, to the figures on the page."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from decimal import Decimal
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import duckdb
import pytest
from sevdesk_sandbox import Sandbox

from tests.helpers.books_by_hand import counted
from tests.pipeline.conftest import NOON, SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.helpers.pipeline_project import Project
    from tests.pipeline.conftest import FirstRun

pytestmark = pytest.mark.xdist_group("pipeline")  # its tests share a first run
ZERO = Decimal(0)
BOOKS = ("Invoice", "CreditNote", "Contact", "ContactAddress", "StaticCountry")


def by_hand(sandbox: Sandbox) -> tuple[int, Decimal, Decimal]:
    """Documents, net and gross of the books as of the sandbox's clock."""
    documents = counted({name: sandbox.books.rows(name) for name in BOOKS})
    return len(documents), sum((d.net for d in documents), ZERO), sum((d.gross for d in documents), ZERO)


def in_warehouse(project: Project) -> tuple[int, Decimal, Decimal]:
    (found,) = project.query(
        "select sum(document_count), sum(total_net_eur), sum(total_gross_eur) "
        "from analytics.invoices_amount_by_city"
    )
    return found


READER = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as file:
    for _ in sys.stdin:
        print(file.execute("select count(*) from analytics.invoices_summary").fetchone()[0], flush=True)
"""


@contextmanager
def opened(file: Path) -> Iterator[Callable[[], int]]:
    """Have `file` open in another program, which counts the documents in it; for writing, too."""
    command = [sys.executable, "-c", READER, str(file)]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:

        def documents() -> int:
            assert reader.stdin is not None
            assert reader.stdout is not None
            print(file=reader.stdin, flush=True)
            return int(reader.stdout.readline())

        documents()
        yield documents
        assert reader.stdin is not None
        reader.stdin.close()


def german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def on_the_page(project: Project, amount: Decimal) -> bool:
    text = re.sub(r"<[^>]+>", " ", project.report.read_text(encoding="utf-8")).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    return german(amount) in text


def test_figures_are_those_of_the_books_at_first_after_changes_and_after_deletes(
    first_run: FirstRun, project_run_once: Project
) -> None:
    project = project_run_once
    with Sandbox(seed=SEED, now=NOON) as sandbox:
        assert not list(first_run.home.rglob("*")), "nothing is written outside the project"
        assert in_warehouse(project) == by_hand(sandbox)
        assert on_the_page(project, by_hand(sandbox)[1])

        before, old = len(sandbox.log), by_hand(sandbox)[0]
        sandbox.clock.advance(hours=5)
        with opened(project.published) as documents:
            code, printed = project.job("hourly", sandbox)
            assert code == 0, printed
            assert documents() == old, "who has it open keeps what was opened"
        pages = [entry for entry in sandbox.log[before:] if entry.path.endswith("/Invoice")]
        assert pages
        assert all(dict(page.params)["updateAfter"] for page in pages)
        # where answers are slow, a second page is asked for before the first has shown that it is the last
        assert len({key for page in pages for key in page.ids}) < 100, "only what changed"
        # An hourly run cannot see deletes, and only drafts and the like are ever deleted: the figures stand.
        assert in_warehouse(project) == by_hand(sandbox)

        draft = next(row for row in sandbox.books.rows("Invoice") if row["status"] == "200")
        sandbox.books.delete("Invoice", draft["id"])
        code, printed = project.job("nightly", sandbox)
        assert code == 0, printed
        assert "Warning" not in printed, "what libraries say to programmers is not for people"
        assert in_warehouse(project) == by_hand(sandbox)
        assert project.query(
            f"select is_deleted from staging.invoices_stg where invoice_id = '{draft['id']}'"
        ) == [(True,)]
        assert on_the_page(project, by_hand(sandbox)[1])


def models_run(project: Project) -> int:
    """How many models dbt has run so far, by its own log."""
    return (project.folder / "logs" / "dbt.log").read_text(encoding="utf-8").count('"LogModelResult"')


def test_an_hour_in_which_nothing_changed_runs_no_model_but_the_report_is_of_that_hour(
    project_run_once: Project,
) -> None:
    project = project_run_once
    as_of = "select distinct data_as_of from analytics.invoices_amount_by_city"
    with Sandbox(seed=SEED, now=NOON) as sandbox:
        (built,) = project.query(as_of)
        page, models = project.report.read_text(encoding="utf-8"), models_run(project)
        sheet = project.report.with_name("invoices.xlsx").stat().st_mtime_ns
        assert models

        code, printed = project.job("hourly", sandbox)
        assert code == 0, printed
        assert re.search(r"nothing has changed since \d+ \w+ \d{4}, \d\d:\d\d: no model was built\n", printed)
        assert models_run(project) == models
        (later,) = project.query(as_of, project.warehouse)
        assert later > built
        assert project.query(as_of) == [built], "what people open is left alone"
        assert in_warehouse(project) == by_hand(sandbox)
        assert project.report.read_text(encoding="utf-8") != page
        assert project.report.with_name("invoices.xlsx").stat().st_mtime_ns == sheet

        seed = project.folder / "transform" / "seeds" / "city_aliases.csv"
        seed.write_text(seed.read_text(encoding="utf-8") + "Monaco,DE,,München\n", encoding="utf-8")
        assert project.job("hourly", sandbox)[0] == 0
        assert models_run(project) == 2 * models, "a changed file of ours builds"


def test_an_hour_with_news_fills_tables_and_leaves_the_views_that_read_them(
    project_run_once: Project,
) -> None:
    project = project_run_once
    with Sandbox(seed=SEED, now=NOON) as sandbox:
        views = project.query("select count(*) from duckdb_views() where not internal")[0][0]
        all_models = models_run(project)

        sandbox.clock.advance(hours=5)
        code, printed = project.job("hourly", sandbox)
        assert code == 0, printed
        assert in_warehouse(project) == by_hand(sandbox)
        assert on_the_page(project, by_hand(sandbox)[1])
        assert models_run(project) == 2 * all_models - (views - 1), "one view holds a moment"

        with duckdb.connect(str(project.warehouse)) as db:
            db.execute("drop view staging.invoices_stg cascade")
        sandbox.clock.advance(hours=5)
        assert project.job("hourly", sandbox)[0] == 1, "a view that somebody has dropped is missed"
        code, printed = project.job("hourly", sandbox)
        assert code == 0, printed
        assert in_warehouse(project) == by_hand(sandbox), "and made again by the next run"


def test_a_read_that_did_not_see_everything_fails_but_the_page_is_up_to_date_and_says_so(
    project: Project,
) -> None:
    with Sandbox(seed=SEED, now=NOON) as sandbox:
        sandbox.switches.set(miscounted="Invoice")
        code, printed = project.job("hourly", sandbox)
        assert code == 1
        said = "Error: The latest read saw not as many as sevDesk counts. Invoices: 1 fewer."
        assert f"{said}\nThe report shows" in printed
        assert "Traceback" not in printed
        assert in_warehouse(project) == by_hand(sandbox), "the marts are there"
        assert on_the_page(project, by_hand(sandbox)[1])
        page = project.report.read_text(encoding="utf-8")
        assert "Das letzte Lesen hat nicht alles gesehen von: Rechnungen." in page

        sandbox.switches.set(miscounted="")
        sandbox.clock.advance(hours=1)
        code, printed = project.job("hourly", sandbox)
        assert code == 0, printed
        assert in_warehouse(project) == by_hand(sandbox)
        alarms = re.findall('class="alarm"[^>]*', project.report.read_text(encoding="utf-8"))
        assert len(alarms) == 1
        assert alarms[0].endswith(" hidden"), "the one that waits for the data to be too old"


def test_meltano_by_hand_as_the_readme_says(project: Project) -> None:
    alone = project.environment(SEVDESK_REQUESTS_PER_SECOND="")
    code, printed = project.run("sevdesk-sandbox", "meltano", "run", "tap-sevdesk", "target-duckdb", **alone)
    assert code == 0, printed
    assert project.query("select count(*) from raw.invoices", project.warehouse)[0][0] > 1000


def test_a_run_killed_half_way_is_completed_by_the_next(project: Project) -> None:
    with Sandbox(seed=SEED, now=NOON) as sandbox:
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


def complaint(project: Project, sandbox: Sandbox, **settings: str) -> str:
    """Run the hourly job, which must fail; return what it says to the person watching."""
    before = project.report.read_bytes() if project.report.exists() else None
    code, printed = project.job("hourly", sandbox, **settings)
    assert code == 1, printed
    assert "Traceback" not in printed
    assert sandbox.token not in printed
    assert before == (project.report.read_bytes() if project.report.exists() else None), "the old page stays"
    return printed[printed.index("Error: ") :].split("\n\n")[0]


@pytest.fixture(scope="module")
def empty() -> Iterator[Sandbox]:
    with Sandbox(firm=False) as sandbox:
        yield sandbox


def test_a_wrong_key_is_named(project: Project, empty: Sandbox) -> None:
    empty.log.clear()
    said = complaint(project, empty, SEVDESK_API_KEY="0" * 32)
    assert "token (401)" in said
    assert len(empty.log) == 1, "a refused token is not tried again"


def test_an_unreachable_address_is_named(project: Project, empty: Sandbox) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1"
        said = complaint(project, empty, SEVDESK_API_URL=address)
    assert address in said
    assert "SEVDESK_API_URL" in said


def test_an_address_that_is_no_sevdesk_is_named(project: Project, empty: Sandbox) -> None:
    class Elsewhere(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def do_GET(self) -> None:
            self.send_response(404)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/api/v1"
        said = complaint(project, empty, SEVDESK_API_URL=address)
        server.shutdown()
    assert address in said
    assert "SEVDESK_API_URL" in said


def test_a_misspelt_setting_is_named_with_the_right_spelling(project: Project, empty: Sandbox) -> None:
    settings = project.folder / "meltano.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("      api_url: $", "      page_sizes: 5\n      api_url: $"), encoding="utf-8"
    )
    said = complaint(project, empty)
    assert "page_sizes" in said
    assert "did you mean 'page_size'" in said


def test_an_unknown_environment_is_named(project: Project, empty: Sandbox) -> None:
    assert "local or prod" in complaint(project, empty, MELTANO_ENVIRONMENT="production")


def test_a_warehouse_open_elsewhere_is_named_with_its_holder(project: Project, empty: Sandbox) -> None:
    project.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(project.warehouse)):
        said = complaint(project, empty)
    assert f"PID {os.getpid()}" in said


def test_an_output_folder_that_cannot_be_made_is_named(project: Project, empty: Sandbox) -> None:
    (project.folder / "output").write_text("a file is in the way", encoding="utf-8")
    said = complaint(project, empty)
    assert "output" in said
    assert (project.folder / "output").read_text(encoding="utf-8") == "a file is in the way"
