"""What happens to a release after it is built: packed for download, deposited in an archive.

Only the standard library is used, so that the job which holds the archive's token installs nothing.
"""

from __future__ import annotations


class StoppedError(Exception):
    """It could not be done; nothing is half published.

    Attributes:
        message: what was in the way.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
