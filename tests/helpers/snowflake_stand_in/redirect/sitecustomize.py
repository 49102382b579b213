"""Python imports this module at its start: sends snowflake.connector to the stand-in instead of to Snowflake.

Only where to connect is changed, and nothing unless SNOWFLAKE_STAND_IN_PORT is set. Clients sign in as ever;
the stand-in looks at no credentials.
"""

import importlib.abc
import importlib.util
import os
import sys


class Redirect(importlib.abc.MetaPathFinder):
    """Waits until snowflake.connector.connection is imported, which most processes never do."""

    def find_spec(self, name, path=None, target=None):  # noqa: ANN001, ANN201, ARG002
        if name != "snowflake.connector.connection":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def load_and_redirect(module) -> None:  # noqa: ANN001
            load(module)
            connect = module.SnowflakeConnection.connect

            def connect_to_stand_in(connection, **settings) -> None:  # noqa: ANN001, ANN003
                where = {
                    "host": "127.0.0.1",
                    "port": int(os.environ["SNOWFLAKE_STAND_IN_PORT"]),
                    "protocol": "http",
                    "platform_detection_timeout_seconds": 0,
                }
                connect(connection, **settings | where)

            module.SnowflakeConnection.connect = connect_to_stand_in

        spec.loader.exec_module = load_and_redirect
        return spec


if "SNOWFLAKE_STAND_IN_PORT" in os.environ:
    sys.meta_path.insert(0, Redirect())
