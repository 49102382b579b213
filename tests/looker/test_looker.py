"""The LookML, checked against dbt's contracts and itself, as no Looker server is at hand to do it."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

from tests.helpers.lookml_project import (
    ANALYTICS,
    LOOKER,
    Explore,
    View,
    constants,
    contracts,
    dashboards,
    dbt_keys,
    explores,
    files,
    model,
    parsed,
    read,
    views,
)

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = views()
EXPLORES = explores()
CONTRACTS = contracts()
TILES = [pytest.param(tile, id=tile["name"]) for dashboard in dashboards() for tile in dashboard["elements"]]
each_view = pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
each_explore = pytest.mark.parametrize("explore", EXPLORES.values(), ids=lambda explore: explore.name)
each_tile = pytest.mark.parametrize("tile", TILES)
SQL_TYPES = {
    "string": {"varchar"},
    "number": {"bigint", "integer", "numeric(5,2)", "numeric(38,1)", "numeric(38,2)"},
    "yesno": {"boolean"},
    "time": {"date"},
}


# Files


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_file_is_lookml_and_uses_constants_that_exist(path: Path) -> None:
    assert read(path)


def test_a_file_cut_off_in_the_middle_is_refused_by_name() -> None:
    text = (LOOKER / "views" / "pipeline_status.view.lkml").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="cut is not LookML"):
        parsed(text[: len(text) // 2], "cut")


def test_every_constant_may_be_set_by_a_project_that_imports_this_one() -> None:
    manifest = parsed((LOOKER / "manifest.lkml").read_text(encoding="utf-8"))
    assert {constant["export"] for constant in manifest["constants"]} == {"override_optional"}


def test_the_model_takes_in_every_view_and_dashboard() -> None:
    taken = {path for pattern in model()["includes"] for path in LOOKER.glob(pattern.removeprefix("/") + "*")}
    assert taken == {*LOOKER.glob("views/*.lkml"), *LOOKER.glob("dashboards/*.lookml")}


# Views


@each_view
def test_every_view_reads_a_mart_with_a_contract(view: View) -> None:
    assert view.name == view.model
    assert view.table == f"{constants()['DATABASE']}.{constants()['SCHEMA']}.{view.model}"
    assert view.model in CONTRACTS


@each_view
def test_every_column_named_in_a_view_is_in_the_contract(view: View) -> None:
    read_by = {field.name: view.columns(field) for field in view.fields}
    assert {column for columns in read_by.values() for column in columns} <= CONTRACTS[view.model].keys()
    constant = [field.written["type"] for field in view.fields if not read_by[field.name]]
    assert set(constant) <= {"count"}


@each_view
def test_the_type_of_a_dimension_is_that_of_its_column(view: View) -> None:
    for field in view.fields:
        column = re.fullmatch(r"\$\{TABLE\}\.(\w+)", field.sql)
        if column and field.kind != "measure":
            assert CONTRACTS[view.model][column[1]] in SQL_TYPES[field.written.get("type", "string")], (
                field.name
            )


@each_view
def test_every_visible_field_has_a_label_and_a_sentence_and_ids_are_hidden(view: View) -> None:
    visible = [field for field in view.fields if not field.hidden]
    assert [field.name for field in visible if field.name.endswith(("_id", "_code"))] == []
    assert [field.name for field in visible if not field.written.get("label")] == []
    assert [field.name for field in visible if not field.written.get("description", "").endswith(".")] == []


def test_calendar_dates_are_in_no_time_zone() -> None:
    dates = [field for view in VIEWS.values() for field in view.fields if field.kind == "dimension_group"]
    assert {(date.written["datatype"], date.written["convert_tz"]) for date in dates} == {("date", "no")}


PROPORTIONS = {"overdue_share", "days_sales_outstanding"}


@each_view
def test_amounts_and_nothing_else_are_shown_in_euros(view: View) -> None:
    amounts = {
        field.name for field in view.fields if any(name.endswith("_eur") for name in view.columns(field))
    }
    assert {
        field.name for field in view.fields if field.written.get("value_format_name") == "euro"
    } == amounts - PROPORTIONS


def test_formats_that_fields_name_exist_and_euros_have_thousands_cents_and_their_sign_behind() -> None:
    formats = {one["name"]: one["value_format"].replace("\\", "") for one in model()["named_value_formats"]}
    named = {field.written.get("value_format_name") for view in VIEWS.values() for field in view.fields}
    assert named - {None} == formats.keys()
    assert formats["euro"] == '#,##0.00 "€"'


@each_view
def test_the_primary_key_is_the_key_that_dbt_tests(view: View) -> None:
    if view.key is None:  # counted, and nothing else
        assert {field.written["type"] for field in view.fields if field.kind == "measure"} == {"count"}
        return
    assert sorted(view.columns(view.key)) == sorted(dbt_keys()[view.model])


def test_the_rows_behind_every_count_and_sum_can_be_listed() -> None:
    for view in VIEWS.values():
        for total in (
            field for field in view.fields if field.kind == "measure" and field.written["type"] != "string"
        ):
            listed = [view.sets.get(name.removesuffix("*"), [name]) for name in total.written["drill_fields"]]
            assert set(itertools.chain(*listed)) <= view.by_name.keys()


# Explores


@each_explore
def test_a_join_finds_at_most_one_row_so_that_no_amount_counts_twice(explore: Explore) -> None:
    for join in explore.joins:
        view = explore.views[join["name"]]
        assert view.key
        pairs = re.findall(r"\$\{([\w.]+)\} = \$\{([\w.]+)\}", join["sql_on"])
        assert {name for pair in pairs for name in pair} <= explore.fields.keys()
        assert all(left.startswith(f"{explore.name}.") for left, _ in pairs)
        joined_by = [
            column
            for _, right in pairs
            for column in view.columns(view.by_name[right.removeprefix(f"{view.name}.")])
        ]
        assert sorted(joined_by) == sorted(view.columns(view.key))
        assert (join["type"], join["relationship"]) in {
            ("left_outer", "one_to_one"),
            ("left_outer", "many_to_one"),
        }
        assert not [field for field in view.fields if field.kind == "measure"]


def test_every_view_is_in_an_explore() -> None:
    assert {name for explore in EXPLORES.values() for name in explore.views} == VIEWS.keys()


def test_results_are_kept_for_an_hour_and_nothing_wakes_the_warehouse_by_itself() -> None:
    (group,) = model()["datagroups"]
    assert model()["persist_with"] == group["name"]
    assert group["max_cache_age"] == "1 hour"
    assert not [key for key in group if key.endswith("_trigger")]


def test_customers_names_are_shown_to_whom_they_are_granted_only() -> None:
    (grant,) = model()["access_grants"]
    for view in VIEWS.values():
        for field in view.fields:
            if "customer_name" in view.columns(field):
                assert field.written["required_access_grants"] == [grant["name"]], field.name
    by_customer = {
        explore["name"]
        for explore in model()["explores"]
        if explore.get("required_access_grants") == [grant["name"]]
    }
    assert by_customer == {"receivables_by_customer", "customers_revenue"}


def test_no_rank_of_all_years_stands_beside_filtered_totals() -> None:
    read_by = {column for view in VIEWS.values() for field in view.fields for column in view.columns(field)}
    assert not [column for column in read_by if "rank" in column]


def warehouse_for(explore: Explore) -> duckdb.DuckDBPyConnection:
    """Make empty tables of the contracts' types in DuckDB, with stand-ins for two functions of Snowflake."""
    warehouse = duckdb.connect()
    warehouse.execute("create macro convert_timezone(zone, moment) as moment at time zone zone")
    warehouse.execute("create macro to_char(moment, pattern) as strftime(moment, pattern)")
    for name in explore.views:
        columns = ", ".join(f"{column} {kind}" for column, kind in CONTRACTS[name].items())
        warehouse.execute(f"create table {name} ({columns})")
    return warehouse


@each_explore
def test_a_query_for_all_fields_at_once_runs(explore: Explore) -> None:
    assert warehouse_for(explore).execute(explore.query(list(explore.fields))).fetchall() == []


@pytest.mark.parametrize(
    ("ended_well", "count_agrees", "incomplete"),
    [(True, True, 0), (True, None, 0), (True, False, 1), (False, None, 1), (False, True, 1)],
)
def test_a_list_is_incomplete_if_its_read_failed_or_the_counts_disagree(
    *, ended_well: bool, count_agrees: bool | None, incomplete: int
) -> None:
    explore = EXPLORES["pipeline_status"]
    warehouse = warehouse_for(explore)
    warehouse.execute(
        "insert into pipeline_status (stream, last_read_is_complete, count_agrees) values ('invoices', ?, ?)",
        [ended_well, count_agrees],
    )
    query = explore.query(["pipeline_status.incomplete_stream_count"])
    assert warehouse.execute(query).fetchall() == [(incomplete,)]


# The dashboard


def used(tile: dict[str, Any]) -> set[str]:
    """Collect all fields a tile names."""
    lists = [tile.get(key, []) for key in ("fields", "fill_fields", "pivots", "hidden_fields")]
    keyed = [tile.get(key, {}) for key in ("filters", "series_cell_visualizations", "series_labels")]
    sorts = [sort.removesuffix(" desc") for sort in tile.get("sorts", [])]
    return {*itertools.chain(*lists, *keyed), *sorts, *tile.get("listen", {}).values()}


@each_tile
def test_every_field_of_a_tile_is_a_visible_one_of_its_explore(tile: dict[str, Any]) -> None:
    fields = EXPLORES[tile["explore"]].fields
    assert tile["model"] == "sevdesk"
    assert tile["fields"]
    assert used(tile) <= fields.keys()
    assert not [name for name in used(tile) if fields[name].hidden]


def test_filters_are_date_country_and_document_class() -> None:
    for dashboard in dashboards():
        assert [one["field"].split(".")[1] for one in dashboard["filters"]] == [
            "invoice_date",
            "country_name",
            "document_class",
        ]
        for one in dashboard["filters"]:
            assert one["model"] == "sevdesk"
            assert one["field"] in EXPLORES[one["explore"]].fields


@each_tile
def test_every_tile_of_invoiced_amounts_follows_the_filters(tile: dict[str, Any]) -> None:
    """Those that speak of a period of their own follow all but the date; other amounts follow none."""
    (dashboard,) = dashboards()
    filters = {one["name"]: one["field"] for one in dashboard["filters"]}
    if tile["explore"] != "invoices_summary" or tile["name"] == "data_as_of":
        filters = {}
    elif tile["name"] in {"this_year", "this_month", "days_sales_outstanding"}:
        del filters["Invoice date"]
    assert tile.get("listen", {}) == filters


def test_the_dashboard_answers_what_finance_asks() -> None:
    (dashboard,) = dashboards()
    assert [tile["title"] for tile in dashboard["elements"]] == [
        "Data as of",
        "Net",
        "Gross",
        "Average invoice",
        "This year to date, net",
        "This month to date, net",
        "Open",
        "Days sales outstanding",
        "Ranking by city",
        "Ranking by country",
        "Net by month",
        "Net on the map",
        "Open receivables by age",
        "Receivables by customer",
        "Money received by month",
        "Income by voucher, net, by year",
        "Net that depends on final invoices",
        "Documents in question",
        "Incomplete lists",
        "Completeness",
    ]


INVOICES = """insert into invoices_summary
    (document_id, invoice_date, due_date, is_cancelled, net_eur, gross_eur, open_eur, days_overdue,
    data_as_of)
    values (?, ?, ?, ?, ?, ?, ?, ?, timestamptz '2026-02-28 23:30:00+00')"""


def test_periods_are_compared_day_by_day_and_proportions_are_those_of_their_sums() -> None:
    """Data as of half past midnight in Germany, 1 March 2026: 60 days of this year and of the last."""
    explore = EXPLORES["invoices_summary"]
    warehouse = warehouse_for(explore)
    warehouse.execute("set timezone = 'UTC'")
    for row in [
        ("this year", "2026-02-28", "2026-03-14", False, 100, 119, 119, 0),
        ("last day", "2026-03-01", "2026-03-14", False, 10, 11.9, 0, 0),
        ("last year, in time", "2025-03-01", "2025-03-14", False, 80, 95.2, 95.2, 352),
        ("last year, later", "2025-03-02", "2025-03-14", False, 1000, 1190, 0, 0),
        ("cancelled", "2025-12-02", "2025-12-14", True, 7, 8.33, 0, 0),
        ("its cancellation", "2025-12-02", None, True, -7, -8.33, 0, 0),
    ]:
        warehouse.execute(INVOICES, row)
    names = [
        "net_this_year",
        "net_last_year_same_days",
        "net_this_month",
        "net_last_year_month",
        "invoice_count",
        "average_invoice",
        "overdue_share",
        "days_sales_outstanding",
    ]
    (found,) = warehouse.execute(explore.query([f"invoices_summary.{name}" for name in names])).fetchall()
    assert [round(float(value), 2) for value in found] == [110, 80, 10, 80, 4, 297.5, 44.44, 147.27]


def test_tiles_lie_side_by_side_on_the_24_columns_without_overlap_or_hole() -> None:
    (dashboard,) = dashboards()
    covered = [
        (row, column)
        for tile in dashboard["elements"]
        for row in range(tile["row"], tile["row"] + tile["height"])
        for column in range(tile["col"], tile["col"] + tile["width"])
    ]
    rows = max(row for row, _ in covered) + 1
    assert sorted(covered) == list(itertools.product(range(rows), range(24)))


def test_dbt_knows_the_dashboard_and_exactly_the_marts_it_rests_on() -> None:
    written = yaml.safe_load((ANALYTICS / "_exposures.yml").read_text(encoding="utf-8"))
    exposures = {exposure["name"]: exposure["depends_on"] for exposure in written["exposures"]}
    (dashboard,) = dashboards()
    assert set(exposures[dashboard["dashboard"]]) == {f"ref('{view.model}')" for view in VIEWS.values()}
