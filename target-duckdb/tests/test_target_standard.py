"""The singer-sdk's own suite of what a target must take."""

from __future__ import annotations

from sevdesk_target_duckdb.target import TargetDuckDB
from singer_sdk.testing import get_target_test_class

# In memory: the suite's class is made while pytest collects, before any tmp_path.
TestStandard = get_target_test_class(TargetDuckDB, config={"path": ":memory:"})
