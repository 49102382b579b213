"""The report: one self-contained HTML page, and the same rankings as text."""

import os
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from orchestration import german
from orchestration.figures import Figures, Line, add
from orchestration.worlds import OUTPUT

PAGE = OUTPUT / "report.html"
CITIES_SHOWN = 20


def render(figures: Figures) -> str:
    """Return the page."""
    templates = Environment(
        loader=PackageLoader("orchestration", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(euro=german.euro, count=german.count)
    return templates.get_template("report.html.j2").render(
        figures=figures,
        cities=with_rest(figures.cities, CITIES_SHOWN),
        as_of=german.moment(figures.as_of) if figures.as_of else None,
    )


def with_rest(lines: list[Line], shown: int) -> list[Line]:
    """Return the first `shown` lines and, when there are more, one that adds up the rest."""
    rest = lines[shown:]
    return lines[:shown] + ([add(rest, f"{len(rest)} others")] if rest else [])


def write(page: str, path: Path = PAGE) -> None:
    """Put the page in place in one step: a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    fresh.write_text(page, encoding="utf-8")
    fresh.replace(path)


def ranking(title: str, lines: list[Line], shown: int) -> str:
    """Return a ranking as lines of text, with the rest added up."""
    table = with_rest(lines, shown)
    width = max([len(line.label) for line in table], default=0)
    amounts = [german.euro(line.net) for line in table]
    wide = max([len(amount) for amount in amounts], default=0)
    body = [
        f"{place:>4}  {line.label:<{width}}  {line.country_code:<2}  {amount:>{wide}}"
        for place, (line, amount) in enumerate(zip(table, amounts, strict=True), 1)
    ]
    return "\n".join([title, *body])
