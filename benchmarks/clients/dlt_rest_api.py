"""dlt's rest_api source: `extract` only, or `load` into DuckDB, or `show` what was written as JSON lines."""

import gzip
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
from dlt.sources.rest_api import rest_api_source
from dlt.sources.rest_api.typing import RESTAPIConfig

NAME = "sevdesk"


def source(resources: list[str]) -> Any:  # noqa: ANN401 - dlt has no types
    """Read whole lists by offset."""
    config: RESTAPIConfig = {
        "client": {
            "base_url": os.environ["SEVDESK_API_URL"] + "/",
            "headers": {"Authorization": os.environ["SEVDESK_API_KEY"]},
            "paginator": {"type": "offset", "limit": 1000, "total_path": None},
        },
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "append",
            "endpoint": {"data_selector": "objects", "params": {"showAll": "true", "depth": "1"}},
        },
        "resources": [{"name": name, "endpoint": {"path": name}} for name in resources],
    }
    return rest_api_source(config, name=NAME)


def written(folder: Path) -> Iterator[str]:
    """Yield what the last run wrote, a record or a list of them each line."""
    database = folder / "dlt.duckdb"
    if database.exists():
        with duckdb.connect(str(database), read_only=True) as db:
            yield from (f'{{"id":"{key}"}}' for (key,) in db.execute("select id from raw.invoice").fetchall())
    for path in folder.glob("**/extracted/*/new_jobs/invoice.*"):
        text = path.read_bytes()
        yield from (gzip.decompress(text) if path.suffix == ".gz" else text).decode().splitlines()


def main(step: str, folder: Path, *resources: str) -> None:
    """Carry out one step. Parquet, as DuckDB refuses larger jsonl files: it samples which keys they have."""
    if step == "show":
        for line in written(folder):
            print(line)
        return
    database = dlt.destinations.duckdb(str(folder / "dlt.duckdb"))
    folder.mkdir()
    pipeline = dlt.pipeline(NAME, pipelines_dir=str(folder), destination=database, dataset_name="raw")
    if step == "extract":
        pipeline.extract(source([*resources]))
    else:
        pipeline.run(source([*resources]), loader_file_format="parquet")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
