"""fakesnow as a server, with what it lacks for target-snowflake and dbt-snowflake. For tests only.

Usage: python server.py STATEMENTS_FILE

Serves on a free port of 127.0.0.1, prints that port, and writes each statement to STATEMENTS_FILE, as JSON,
one a line. Ends when its standard input is closed. Everything lives in memory.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import fakesnow.arrow
import fakesnow.info_schema
import fakesnow.server
import fakesnow.transforms
import grants
import pyarrow as pa
import pyarrow.compute as pc
import uvicorn
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.transforms import stage
from refusals import refusal, refuse, sign_in
from snowflake.connector.errors import Error, ProgrammingError

USER_STAGE = "STANDIN.HOME.USERSTAGE"  # the name under which fakesnow keeps Snowflake's user stage @~
TEXT_OR_NAME = re.compile(r"'(?:[^'\\]|\\.|'')*'" + r'|(?<!:)"\w+"')  # not :"keys" of JSON
COLUMN_COMMENTS = r"\s*alter\s+(table|view) \S+ alter\s+\S+ comment \$\$"  # gap 10: dbt's, not understood
MERGE_FROM_STAGE = re.compile(
    r"(merge into .+? using )"
    r"\((select .+?) from '@~/([^']+)'\s*\(file_format => .+?\) (qualify .+? = 1)\) s (on .+)",
    re.IGNORECASE | re.DOTALL,
)
STATEMENTS = Path(sys.argv[1])
one_at_a_time = threading.Lock()
vanilla_execute = FakeSnowflakeCursor.execute
vanilla_comment = fakesnow.info_schema.insert_table_comment_sql
vanilla_timestamps = fakesnow.arrow.timestamp_to_sf_struct


def timestamps_with_nulls(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Gap 1: a NULL timestamp reaches the client as 1970-01-01."""
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    parts = vanilla_timestamps(values)
    return pa.StructArray.from_arrays(
        [pc.fill_null(parts.field(i), 0) for i in range(parts.type.num_fields)],
        fields=list(parts.type),
        mask=pc.is_null(values),
    )


def comment_with_quotes(catalog: str, schema: str, table: str, comment: str | None) -> str:
    """Gap 9: an apostrophe in a comment ends fakesnow's own statement."""
    return vanilla_comment(catalog, schema, table, (comment or "").replace("'", "''"))


def staged_rows(cursor: FakeSnowflakeCursor, select: str, path: str, qualify: str) -> str:
    """Gap 2: SELECT ... FROM '@~/path' (FILE_FORMAT => ...) becomes a table; returns that table's name."""
    folder = stage.internal_dir(USER_STAGE, path)
    table = f'{cursor._conn.database}.MAIN."{path.upper()}"'
    lines = f"read_json_objects('{folder}/**', format = 'newline_delimited')"
    numbered = f'select json as "LINE", row_number() over () as "SEQ" from {lines}'
    cursor._duck_conn.execute(f"create or replace table {table} as {numbered}")
    select = select.replace("$1:", '"LINE":')
    qualify = qualify.replace("SEQ8()", '"SEQ"')
    newest = f'select * exclude "SEQ" from ({select}, "SEQ" from {table}) {qualify}'
    vanilla_execute(cursor, f"create or replace table {table} as {newest}")
    return table


def execute(cursor: FakeSnowflakeCursor, command: str, *args: Any, **kwargs: Any) -> FakeSnowflakeCursor:
    """Run a statement; everything that is sent to the server passes here."""
    # gap 3: QUOTED_IDENTIFIERS_IGNORE_CASE, which target-snowflake sets, is taken as set in every session
    sql = TEXT_OR_NAME.sub(lambda m: m.group() if m.group().startswith("'") else m.group().upper(), command)
    # gap 4: the user stage, @~; and fakesnow wants no quotes around a stage
    sql = re.sub(r"^(put .+) '@~/([^']+)'$", rf"\1 @{USER_STAGE}/\2", sql, flags=re.IGNORECASE)
    with one_at_a_time:  # gap 8: MERGEs at the same time collide in fakesnow's own tables
        with STATEMENTS.open("a") as file:
            file.write(json.dumps(command) + "\n")
        if refused := refusal(STATEMENTS.parent, "", command):
            refuse(refused)
        if shown := grants.answer(STATEMENTS.parent, command):  # gap 11
            return vanilla_execute(cursor, shown, *args, **kwargs)
        try:
            if drop := re.fullmatch(r"drop database if exists (\w+)", sql, re.IGNORECASE):  # gap 12
                cursor._duck_conn.execute("use memory")  # none of which one is in can be detached
                cursor._duck_conn.execute(f"detach database if exists {drop[1]}")
                sql = f"select '{drop[1]} successfully dropped.' as status"
            if merge := MERGE_FROM_STAGE.fullmatch(sql):
                into, select, path, qualify, on = merge.groups()
                sql = f"{into} (select * from {staged_rows(cursor, select, path, qualify)}) s {on}"
            return vanilla_execute(cursor, sql, *args, **kwargs)
        except Error:
            raise
        except Exception as error:
            # gap 5: fakesnow answers its own failures with HTTP 500, which clients repeat for minutes
            message = f"{type(error).__name__}: {error}"
            raise ProgrammingError(msg=message, errno=9999, sqlstate="99999") from error


def serve() -> None:
    """Start on a free port, say which, and stop when the parent closes our standard input."""
    # gap 14: deeply nested calls pass Python's usual limit, which fakesnow answers with HTTP 500 (see gap 5)
    sys.setrecursionlimit(20_000)
    threading.stack_size(64 << 20)
    fakesnow.arrow.timestamp_to_sf_struct = timestamps_with_nulls
    fakesnow.transforms.numeric_agg_implicit_cast = lambda expression: expression  # gap 13: sums stay exact
    FakeSnowflakeCursor.execute = execute
    fakesnow.info_schema.insert_table_comment_sql = comment_with_quotes
    routes = fakesnow.server.app.router.routes
    routes.insert(0, sign_in(STATEMENTS.parent, fakesnow.server.login_request))
    database = fakesnow.server.shared_fs
    database.nop_regexes = [
        r"remove '@~/",
        "drop file format",
        COLUMN_COMMENTS,
    ]  # gap 6: named anew for each batch, so harmless
    connect = database.connect  # gap 7: a session that names no schema works in PUBLIC
    database.connect = lambda database, schema, **settings: connect(database, schema or "PUBLIC", **settings)
    catalog, schema, name = USER_STAGE.split(".")
    database.duck_conn.execute(
        "insert into _fs_global._fs_information_schema._fs_stages "
        "(name, database_name, schema_name, url, type) values (?, ?, ?, '', 'INTERNAL')",
        [name, catalog, schema],
    )
    with (
        # with the protocol named, asyncio sets TCP_NODELAY; without it each statement waits 40 ms
        socket.socket(proto=socket.IPPROTO_TCP) as listener,
        tempfile.TemporaryDirectory() as bucket,
    ):
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        stage.LOCAL_BUCKET_PATH = bucket
        server = uvicorn.Server(uvicorn.Config(fakesnow.server.app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        print(listener.getsockname()[1], flush=True)
        sys.stdin.read()
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    serve()
