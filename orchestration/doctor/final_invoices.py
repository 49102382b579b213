"""Whether it is set how to read the sums of final invoices, by the figures of the latest build."""

from collections.abc import Iterable
from decimal import Decimal

from sevdesk_report import english, read, tables

from orchestration import build_state
from orchestration.doctor.row import OFF, Given, Row

EXAMPLES = 2


def examine(given: Given) -> Iterable[Row]:
    """Yield a line if euros depend on the open question: the variable, how many euros, and where to look."""
    open_ones = read(tables(build_state.load_rows(build_state.path_of(given.environment)))).final_invoices
    if not open_ones:  # none, no figures yet, or answered: the mart is empty then
        return
    euros = sum((each.at_stake for each in open_ones), Decimal(0))
    examples = " and ".join(each.number or each.sevdesk_id for each in open_ones[:EXAMPLES])
    yield Row(
        OFF,
        f"{english.euro(euros)} net depend on how their sums are meant: what remains, or the whole job. "
        f"Look up {examples} in sevDesk, then set `final_invoice_amounts` in transform/dbt_project.yml to "
        "`remaining` or `cumulative`.",
    )
