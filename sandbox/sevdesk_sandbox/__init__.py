"""A sevDesk on loopback: a made-up German firm whose books move with the clock."""

from sevdesk_sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
