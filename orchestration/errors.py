"""An error with two texts: one for engineers, one that everybody may read."""


class PublicError(Exception):
    """What failed, in one or two sentences; `public` is the same without text from data or warehouse."""

    def __init__(self, reason: str, public: str = "") -> None:
        super().__init__(reason)
        self.public = public or reason
