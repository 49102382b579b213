"""The SDK's own tests of a tap, with the setting `typed`."""

from sevdesk_sandbox import Sandbox
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from tap_running import A_YEAR_IN, config_for

from tap_sevdesk.tap import TapSevDesk

# The SDK instantiates streams while tests are collected: its suite needs a server from then on.
_sandbox = Sandbox(now=A_YEAR_IN)
_sandbox.start()

TestSdkSuiteTyped = get_tap_test_class(
    TapSevDesk,
    config=config_for(_sandbox, typed=True),
    suite_config=SuiteConfig(max_records_limit=150),
)
