"""What can go wrong, as sentences for a person: what happened, what it means, what to do next.

No message here may hold the token, a response body or anything a customer wrote.
"""


class TapError(Exception):
    """Something a person has to know about. Its text is shown as it is, without a traceback."""


class InputError(TapError):
    """A setting, the catalog or the state is not usable; nothing has been sent yet."""


class StreamError(TapError):
    """One stream cannot be read to its end. The other streams go on, the exit code is not 0."""


class RefusedError(StreamError):
    """The server refuses this one path (400, 403, 404 ...), while others may go well."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(what)
        self.status = status


class GoneError(RefusedError):
    """The object that was asked for does not exist (any more), or the list does not."""


class RunError(TapError):
    """Nothing can be read with this token or from this address: the run ends.

    `others_may_answer` tells that so far only lists have failed, and not the way to the server.
    """

    def __init__(self, what: str, status: int | None = None, *, others_may_answer: bool = False) -> None:
        super().__init__(what)
        self.status = status
        self.others_may_answer = others_may_answer
