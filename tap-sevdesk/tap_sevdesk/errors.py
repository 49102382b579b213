"""What can go wrong, as sentences for a person: what happened, what it means, what to do next.

No message here may hold the token, a response body or anything a customer wrote.
"""


class TapError(Exception):
    """Something a person has to know about. Its text is shown as it is, without a traceback."""


class InputError(TapError):
    """A setting, the catalog or the state is not usable; nothing has been sent yet."""


class StreamError(TapError):
    """One stream cannot be read to its end. The other streams go on, the exit code is not 0."""


class GoneError(StreamError):
    """The object that was asked for does not exist (any more)."""


class RunError(TapError):
    """Nothing can be read with this token or from this address: nothing more is sent."""
