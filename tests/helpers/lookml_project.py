"""The LookML project as data: views with their fields, explores with the views they join, dashboards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lkml
import yaml

LOOKER = Path(__file__).parents[2] / "looker"
TRANSFORM = LOOKER.parent / "transform"
ANALYTICS = TRANSFORM / "models" / "analytics"
REFERENCE = re.compile(r"\$\{([\w.]+)\}")


def parsed(text: str, name: str = "text") -> dict[str, Any]:
    """Parse LookML. Raises ValueError with its name, where lkml raises a bare IndexError for a cut text."""
    try:
        return dict(lkml.load(text))
    except Exception as error:
        raise ValueError(f"{name} is not LookML: {error!r}") from error


@dataclass
class Field:
    """A dimension, dimension group or measure, as written."""

    name: str
    kind: str
    written: dict[str, Any]

    @property
    def sql(self) -> str:
        return str(self.written.get("sql", ""))

    @property
    def hidden(self) -> bool:
        return bool(self.written.get("hidden") == "yes")

    @property
    def names(self) -> list[str]:
        """The names by which others refer to it: one, or one for each timeframe."""
        return [f"{self.name}_{frame}" for frame in self.written.get("timeframes", [])] or [self.name]


@dataclass
class View:
    """A view, the model of dbt it reads and its fields by all the names they are referred to."""

    name: str
    table: str
    fields: list[Field]
    sets: dict[str, list[str]]

    @property
    def model(self) -> str:
        return self.table.rsplit(".", 1)[-1]

    @property
    def by_name(self) -> dict[str, Field]:
        return {name: field for field in self.fields for name in field.names}

    @property
    def key(self) -> Field | None:
        """The primary key; none where rows have none, so that they can be counted and not joined."""
        return next((field for field in self.fields if field.written.get("primary_key") == "yes"), None)

    def columns(self, field: Field) -> list[str]:
        """List the columns of its table that a field reads, through other fields too."""
        own = re.findall(r"\$\{TABLE\}\.(\w+)", field.sql)
        others = [self.by_name[name] for name in REFERENCE.findall(field.sql) if name != "TABLE"]
        return own + [column for other in others for column in self.columns(other)]

    def expression(self, field: Field) -> str:
        """Write the field's SQL with the view's name for ${TABLE} and other fields written out."""
        return REFERENCE.sub(
            lambda found: self.name if found[1] == "TABLE" else self.expression(self.by_name[found[1]]),
            field.sql,
        )


@dataclass
class Explore:
    """An explore: the view it starts from, and the joined ones."""

    name: str
    joins: list[dict[str, Any]]
    views: dict[str, View]

    @property
    def fields(self) -> dict[str, Field]:
        """All fields a tile may use, named view.field."""
        return {
            f"{view.name}.{name}": field
            for view in self.views.values()
            for name, field in view.by_name.items()
        }

    def query(self, names: list[str]) -> str:
        """Write what Looker would select for these fields, with every join."""
        joins = [
            f"left join {join['name']} on "
            + REFERENCE.sub(lambda found: self.expression(found[1]), join["sql_on"])
            for join in self.joins
        ]
        return (
            f"select {', '.join(map(self.expression, names))} from {self.name} {' '.join(joins)} group by all"
        )

    def expression(self, name: str) -> str:
        """Write the SQL of a field that is named view.field; a measure as what it sums or counts."""
        view = self.views[name.partition(".")[0]]
        field = self.fields[name]
        sql = view.expression(field)
        if field.kind != "measure":
            return sql
        if field.written["type"] == "count":
            conditions = field.written.get("filters__all", [[]])[0]
            wanted = [
                f"{'' if value == 'yes' else 'not '}({view.expression(view.by_name[flag])})"
                for condition in conditions
                for flag, value in condition.items()
            ]
            return f"count(case when {' and '.join(wanted) or 'true'} then 1 end)"
        if field.written["type"] == "number":  # in terms of other measures
            return REFERENCE.sub(lambda found: self.expression(f"{view.name}.{found[1]}"), field.sql)
        return {"sum": f"sum({sql})", "count_distinct": f"count(distinct {sql})", "string": sql}[
            field.written["type"]
        ]


def files() -> list[Path]:
    """List all files of LookML but the dashboards, which are YAML."""
    return sorted(LOOKER.rglob("*.lkml"))


def constants() -> dict[str, str]:
    """Read the constants of the manifest."""
    manifest = parsed((LOOKER / "manifest.lkml").read_text(encoding="utf-8"))
    return {constant["name"]: constant["value"] for constant in manifest["constants"]}


def read(path: Path) -> dict[str, Any]:
    """Read a file with the constants put in. Raises KeyError if the manifest does not have one."""
    text = path.read_text(encoding="utf-8")
    return parsed(re.sub(r"@\{(\w+)\}", lambda found: constants()[found[1]], text), path.name)


def model() -> dict[str, Any]:
    """Read the model file."""
    return read(LOOKER / "sevdesk.model.lkml")


def views() -> dict[str, View]:
    """Read all views by name."""
    written = [view for path in LOOKER.glob("views/*.view.lkml") for view in read(path)["views"]]
    return {
        view["name"]: View(
            name=view["name"],
            table=view["sql_table_name"],
            fields=[
                Field(field["name"], kind, field)
                for kind in ("dimension", "dimension_group", "measure")
                for field in view.get(f"{kind}s", [])
            ],
            sets={one["name"]: one["fields"] for one in view.get("sets", [])},
        )
        for view in written
    }


def explores() -> dict[str, Explore]:
    """Read all explores by name."""
    known = views()
    return {
        explore["name"]: Explore(
            name=explore["name"],
            joins=explore.get("joins", []),
            views={
                name: known[name]
                for name in [explore["name"], *(join["name"] for join in explore.get("joins", []))]
            },
        )
        for explore in model()["explores"]
    }


def dashboards() -> list[dict[str, Any]]:
    """Read all dashboards."""
    paths = LOOKER.glob("dashboards/*.dashboard.lookml")
    return [dashboard for path in paths for dashboard in yaml.safe_load(path.read_text(encoding="utf-8"))]


def marts() -> list[dict[str, Any]]:
    """Read what is written of each mart, in the yml beside it."""
    written = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(ANALYTICS.glob("*.yml"))]
    return [mart for file in written for mart in file.get("models", [])]


def contracts() -> dict[str, dict[str, str]]:
    """Read what dbt guarantees of its marts: model, column, data type."""
    return {
        mart["name"]: {column["name"]: column["data_type"] for column in mart["columns"]} for mart in marts()
    }


def dbt_keys() -> dict[str, list[str]]:
    """Read for each mart the columns that dbt looks at as its key."""
    rule = (TRANSFORM / "tests" / "keys_of_marts.sql").read_text(encoding="utf-8")
    found = re.findall(r"without_key\(\s*'(\w+)',\s*\[([^\]]*)\]", rule)
    return {mart: re.findall(r"'(\w+)'", columns) for mart, columns in found}
