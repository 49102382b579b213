"""The dbt project keeps its own rules: all described and tested, layers apart, one SQL for two warehouses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.transform_project import TRANSFORM, Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Node = dict[str, Any]
SQL = sorted(
    path for folder in ("models", "macros", "tests") for path in (TRANSFORM / folder).glob("**/*.sql")
)
# What DuckDB runs and Snowflake does not, or runs differently.
ONLY_DUCKDB = {
    r"->": "JSON by arrow; write json_text()",
    r"\w::": "casts by colons look like Snowflake's JSON paths; write cast()",
    r"\)\s*filter\s*\(": "filter after an aggregate; write case when",
    r"\b(string_agg|strftime|strptime|epoch|unnest|struct_pack|bool_or|bool_and)\s*\(": "unknown there",
    r"\bregexp_(?!replace\s*\()\w+\s*\(": "matches and escapes differently there",
    r"\binterval\b": "written differently; use dbt.dateadd, or date + days",
    r"\b(double|float|real)\b": "money is never a binary fraction",
    r"\bgroup by all\b|\border by all\b": "names its columns here",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project with its documentation generated over an empty warehouse."""
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    for command in (("seed",), ("run",), ("docs", "generate")):
        result = project.dbt(*command)
        assert result.exit_code == 0, result.output
    return project


@pytest.fixture(scope="module")
def manifest(project: Project) -> Node:
    parsed: Node = json.loads((project.folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    return parsed


def models(manifest: Node) -> Iterator[Node]:
    return (node for node in manifest["nodes"].values() if node["resource_type"] == "model")


def test_every_model_seed_and_source_is_described(manifest: Node) -> None:
    nodes = [n for n in manifest["nodes"].values() if n["resource_type"] in {"model", "seed"}]
    undescribed = [
        n["unique_id"] for n in [*nodes, *manifest["sources"].values()] if not n["description"].strip()
    ]
    assert not undescribed


def test_every_column_in_the_warehouse_is_described_and_no_other(project: Project, manifest: Node) -> None:
    catalog = json.loads((project.folder / "target" / "catalog.json").read_text(encoding="utf-8"))["nodes"]
    for name, table in catalog.items():
        model = manifest["nodes"][name]
        if model["fqn"][1] == "published":  # copies, described with what they are copies of
            candidate = next(iter(parents(model) - {"int_release"}))
            model = manifest["nodes"][f"model.sevdesk.{candidate}"]
        described = {c["name"] for c in model["columns"].values() if c["description"].strip()}
        assert described == set(table["columns"]), name


def test_every_model_but_the_copies_has_its_key_looked_at(manifest: Node) -> None:
    """One rule looks at all models of a layer: to start a test costs dbt more than the test itself."""
    rules = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "test"}
    looked_at = [name for rule in rules if rule.startswith("keys_of_") for name in parents(rules[rule])]
    assert len(looked_at) == len(set(looked_at))
    only_sums = {"report_documents", "report_income_vouchers", "report_listed"}
    assert only_sums <= parents(rules["totals_of_marts"])
    assert {m["name"] for m in models(manifest) if m["fqn"][1] != "published"} - only_sums <= set(looked_at)


def test_only_staging_reads_sources_and_staging_reads_nothing_else(manifest: Node) -> None:
    for model in models(manifest):
        kinds = {parent.split(".")[0] for parent in model["depends_on"]["nodes"]}
        assert ("source" in kinds) == (model["fqn"][1] == "staging"), model["name"]
        assert model["fqn"][1] != "staging" or kinds == {"source"}, model["name"]


def test_names_schemas_and_kinds_follow_the_layer(manifest: Node) -> None:
    layers = {
        "staging": ("staging", "view", r"\w+_stg"),
        "intermediate": ("staging", "table", r"int_\w+"),
        "published": ("staging", "table", r"published_\w+"),
        "analytics": ("analytics", "view", r"(?!int_|published_)\w+(?<!_stg)"),
        "report": ("staging", "view", r"report_\w+"),
    }
    for model in models(manifest):
        schema, kind, name = layers[model["fqn"][1]]
        if model["name"] in {"checked_until", "int_data_as_of"}:  # what moves on in an hour without a build
            assert (model["schema"], model["config"]["materialized"]) == ("staging", "view")
            continue
        assert (model["schema"], model["config"]["materialized"]) == (schema, kind), model["name"]
        assert re.fullmatch(name, model["name"])


def parents(model: Node) -> set[str]:
    return {name.split(".")[-1] for name in model["depends_on"].get("nodes", [])}


def test_marts_are_views_of_nothing_but_what_is_published(manifest: Node) -> None:
    """Otherwise a build that a rule stops half-way would show through."""
    published = {model["name"] for model in models(manifest) if model["fqn"][1] == "published"}
    marts = {model["name"] for model in models(manifest) if model["schema"] == "analytics"}
    for model in models(manifest):
        if model["name"] in marts - {"pipeline_status"}:
            assert parents(model) <= published | marts | {"int_data_as_of"}, model["name"]


def test_nothing_is_published_before_every_candidate_is_built_and_every_rule_on_it_holds(
    manifest: Node,
) -> None:
    """A model runs when all tests on its ancestors hold: the release has all candidates as ancestors."""
    found = {model["name"]: model for model in models(manifest)}
    published = [model for model in found.values() if model["fqn"][1] == "published"]
    candidates = {name for model in published for name in parents(model)} - {"int_release"}
    assert candidates <= parents(found["int_release"])
    assert all("int_release" in parents(model) for model in published)


def test_the_keys_of_what_is_published_are_looked_at_before(manifest: Node) -> None:
    """A rule runs before what comes after all that the rule reads."""
    found = {node["name"]: node for node in manifest["nodes"].values()}
    before = new = parents(found["int_release"])
    while new := {name for known in new & found.keys() for name in parents(found[known])} - before:
        before = before | new
    assert parents(found["keys_of_staging"]) | parents(found["keys_of_candidates"]) <= before


def test_what_says_how_new_the_figures_are_is_written_after_them(manifest: Node) -> None:
    found = {model["name"]: model for model in models(manifest)}
    for name in ("checked_until", "int_latest_read"):
        assert {name for name in found if name.startswith("published_")} <= parents(found[name]), name


def test_every_mart_has_an_enforced_contract_of_all_its_columns(manifest: Node) -> None:
    for model in models(manifest):
        if model["fqn"][1] in {"analytics", "report"}:
            assert model["config"]["contract"]["enforced"], model["name"]
            assert all(column["data_type"] for column in model["columns"].values()), model["name"]


def test_sources_have_freshness(manifest: Node) -> None:
    without = {
        s["name"] for s in manifest["sources"].values() if not (s["freshness"] or {}).get("warn_after")
    }
    # some hardly ever change, a rule looks at the rates
    assert without == {"categories", "static_countries", "exchange_rates"}


def test_what_people_look_at_depends_on_marts_only(manifest: Node) -> None:
    for exposure in manifest["exposures"].values():
        for parent in exposure["depends_on"]["nodes"]:
            assert manifest["nodes"][parent]["schema"] == "analytics", exposure["name"]


def test_the_dialects_differ_in_a_few_macros(manifest: Node) -> None:
    ours = [m for m in manifest["macros"].values() if m["package_name"] == "sevdesk"]
    assert {m["name"] for m in ours if m["original_file_path"] == "macros/dialect.sql"} == {
        *("json_text", "default__json_text", "snowflake__json_text"),
        *("json_item", "default__json_item", "snowflake__json_item"),
        *("whole_quotient", "default__whole_quotient", "snowflake__whole_quotient"),
        "reserved",
        *("json_row", "default__json_row", "snowflake__json_row"),
        *("day_in_germany", "default__day_in_germany", "snowflake__day_in_germany"),
    }
    elsewhere = [m["name"] for m in ours if m["original_file_path"] != "macros/dialect.sql"]
    of_one = [name for name in elsewhere if re.match(r"(default|snowflake|duckdb)__", name)]
    assert of_one == ["duckdb__create_view_as"], "replace_view.sql has DuckDB do as Snowflake does"


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_sql_is_one_for_both_worlds(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|--[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = {
        pattern: why
        for pattern, why in ONLY_DUCKDB.items()
        if path.name != "dialect.sql" and re.search(pattern, text)
    }
    assert not found
