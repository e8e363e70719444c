"""Calls of a web API with a token, repeated while there is hope.

The token goes to one place only: a redirection is never followed, and an address that the API names
is used only if it is at that place. It is in no message, whatever the API answers.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import io
import json
import math
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

from . import StoppedError

TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same call may well succeed."""

AGAIN = "run the same command again later"
_MOST = 50_000_000  # bytes read of an answer
_SHOWN = 300  # characters shown of one


class LostError(Exception):
    """Nobody knows whether the call had its effect: it was not answered, or with a server error.

    Attributes:
        asked: the seconds to wait that the answer asks for.
    """

    def __init__(self, why: str, asked: float = 0.0) -> None:
        super().__init__(why)
        self.asked = asked


@dataclass(frozen=True)
class Patience:
    """How long to hope.

    Attributes:
        attempts: how often a call is made at most.
        first_wait: seconds before the second attempt; each later wait is twice as long.
        longest_wait: the most seconds between two attempts, also where the API asks for more.
        timeout: seconds to wait for the other side to take or to send something.
    """

    attempts: int = 6
    first_wait: float = 2.0
    longest_wait: float = 900.0
    timeout: float = 300.0

    def wait(self, attempt: int) -> float:
        """The seconds to wait after an attempt, counted from 1."""
        return float(min(self.first_wait * 2 ** (attempt - 1), self.longest_wait))


class Api:
    """An API at one place.

    Args:
        base: its address, such as https://zenodo.org.
        token: what proves who calls.
        patience: how long to hope.
        say: called with each thing worth telling, a line of text.

    Raises:
        StoppedError: the address or the token cannot be used.
    """

    def __init__(
        self, base: str, token: str, patience: Patience, say: Callable[[str], None]
    ) -> None:
        self.base = base.rstrip("/")
        self.patience = patience
        self.say = say
        local = _is_local(self.base)
        # What cannot stand in a header would be shown in the error that it causes.
        if not re.fullmatch(r"[!-~]+", token):
            raise StoppedError("the token is empty or holds a space", "set it to the token alone")
        self._token = token
        # Without https a proxy would read the token; on this machine none is needed.
        proxies = [ProxyHandler({})] if local else []
        self._opener = build_opener(_Http(), _Https(), _NoRedirection(), *proxies)

    def get(self, path: str, **query: str | int) -> Any:
        """What is at a path below the base."""
        return self._repeated("GET", f"{path}?{urlencode(query)}" if query else path)

    def put(self, path: str, content: Mapping[str, Any] | Path) -> Any:
        """Put an object, or a file's bytes, at a path; returns the answer."""
        return self._repeated("PUT", path, content)

    def delete(self, path: str) -> None:
        """Remove what is at a path; that it is gone already is no error."""
        self._repeated("DELETE", path, gone=True)

    def post(self, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """Ask for something to be done; repeated only if it was certainly not done.

        Raises:
            LostError: it may have been done.
        """
        return self._repeated("POST", path, {} if content is None else content)

    def path_of(self, address: Any) -> str:
        """The path below the base of an address that the API named.

        Raises:
            StoppedError: it is elsewhere.
        """
        if not isinstance(address, str) or not address.startswith(f"{self.base}/"):
            raise StoppedError(
                f"{self.base} names an address elsewhere: {self._clean(str(address))}",
                "the token is not sent there; see whether this is the right place",
            )
        return address.removeprefix(self.base)

    def pause(self, attempt: int, why: str, asked: float = 0.0) -> None:
        """Wait before the next attempt.

        Raises:
            StoppedError: there were enough, or the API asks for too much time.
        """
        longest = self.patience.longest_wait
        if attempt >= self.patience.attempts:
            raise StoppedError(f"{why}, {attempt} times", AGAIN)
        if asked > longest:
            raise StoppedError(
                f"{why}, and asks to wait {asked:,.0f} seconds", f"{AGAIN}, after that time"
            )
        wait = max(asked, self.patience.wait(attempt))
        self.say(f"{why}; trying again in {wait:,.0f} s")
        time.sleep(wait)

    def _repeated(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | Path | None = None,
        gone: bool = False,
    ) -> Any:
        attempt = 1
        while True:
            asked = 0.0
            try:
                with contextlib.ExitStack() as stack:
                    return self._once(method, path, _body(content, stack))
            except HTTPError as error:
                if gone and error.code in (404, 410):
                    return None
                why = f"{method} {path}: {error.code} {self._told(error)}"
                if error.code not in TRANSIENT:
                    raise _refusal(error.code, why) from None
                asked = _asked(error.headers)
                if method == "POST" and error.code != 429:
                    raise LostError(why, asked) from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
                    raise StoppedError(f"{self.base}: {error}", "see who answers there") from None
                why = f"{method} {path}: {self._clean(str(error)) or type(error).__name__}"
                if method == "POST":
                    raise LostError(why) from None
            self.pause(attempt, why, asked)
            attempt += 1

    def _once(self, method: str, path: str, body: tuple[BinaryIO, int, str] | None) -> Any:
        """One call; returns the object that is answered.

        Raises:
            HTTPError, OSError, http.client.HTTPException: it failed.
            ValueError: the answer is no JSON, as from a page that says "down for maintenance".
        """
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers |= {"Content-Length": str(body[1]), "Content-Type": body[2]}
        request = Request(
            f"{self.base}{path}",
            method=method,
            data=None if body is None else body[0],
            headers={**headers, "User-Agent": "sahel-incidents"},
        )
        with self._opener.open(request, timeout=self.patience.timeout) as answer:
            content = answer.read(_MOST)
            if answer.status == 204:
                return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise ValueError(f"answered with what is no JSON: {content[:40]!r}") from None

    def _told(self, error: HTTPError) -> str:
        """What an answer says of an error, in one line."""
        with error, contextlib.suppress(OSError, http.client.HTTPException):
            content = error.read(_MOST)
            try:
                told = json.loads(content)
                return self._clean(f"{told['message']} {_details(told)}".strip())
            except (ValueError, KeyError, TypeError, RecursionError):
                return self._clean(content.decode("utf-8", "replace"))
        return ""

    def _clean(self, text: str) -> str:
        """A stranger's text, fit to be shown: one short line, in which the token is not."""
        text = " ".join(text.replace(self._token, "(token)").split())
        text = "".join(char for char in text if char.isprintable())
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


class _Readable(Protocol):
    def get(self, name: str, /) -> str | None: ...


class _Answering(http.client.HTTPConnection):
    """A connection on which an answer counts even if it came before all was sent.

    A file that is too large is refused while it is still being sent; without this, a broken pipe
    would hide the reason.
    """

    def request(self, *arguments: Any, **named: Any) -> None:
        try:
            super().request(*arguments, **named)
        except (BrokenPipeError, ConnectionResetError):
            if self.sock is None:  # there was no connection
                raise


class _AnsweringSecurely(_Answering, http.client.HTTPSConnection):
    pass


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_Answering, req)


class _Https(HTTPSHandler):
    def __init__(self) -> None:
        super().__init__()
        self._checking = ssl.create_default_context()

    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_AnsweringSecurely, req, context=self._checking)


class _NoRedirection(HTTPRedirectHandler):
    """Leaves a redirection an error: the headers, and so the token, would go along."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


def _body(
    content: Mapping[str, Any] | Path | None, stack: contextlib.ExitStack
) -> tuple[BinaryIO, int, str] | None:
    """A call's body as stream, length in bytes and media type."""
    if content is None:
        return None
    if isinstance(content, Path):
        stream = stack.enter_context(content.open("rb"))
        return stream, content.stat().st_size, "application/octet-stream"
    raw = json.dumps(content).encode("utf-8")
    return io.BytesIO(raw), len(raw), "application/json"


def _refusal(code: int, why: str) -> StoppedError:
    """The error for an answer that would be the same the next time."""
    if code in (401, 403):
        return StoppedError(
            why, "make a new token, with the scopes deposit:write and deposit:actions"
        )
    if 300 <= code < 400:
        return StoppedError(why, "the token is not sent on; name the address that it leads to")
    return StoppedError(why, "mend what it says and run the same command again")


def _details(told: Mapping[str, Any]) -> str:
    """The single faults that Zenodo lists with an error."""
    return "; ".join(
        f"{item.get('field')}: {item.get('message') or item.get('messages')}"
        for item in told.get("errors") or []
    )


def _asked(headers: _Readable) -> float:
    """For how many seconds an answer asks to wait; 0 where it does not."""
    after = headers.get("Retry-After") or ""
    if re.fullmatch(r"[0-9]{1,9}", after):
        return float(after)
    with contextlib.suppress(ValueError, TypeError):
        return max(email.utils.parsedate_to_datetime(after).timestamp() - time.time(), 0.0)
    reset = headers.get("X-RateLimit-Reset") or ""
    if headers.get("X-RateLimit-Remaining") == "0" and re.fullmatch(r"[0-9]{1,11}", reset):
        return float(max(math.ceil(int(reset) - time.time()), 0))
    return 0.0


def _is_local(base: str) -> bool:
    """Whether an address is on this machine, where a token needs no https.

    Raises:
        StoppedError: it is elsewhere and has no https, or it is not the address of a place.
    """
    try:
        parts = urlsplit(base)
        local = _is_loopback(parts.hostname or "")
        safe = parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and local))
        plain = parts.port != 0 and not (parts.username or parts.query or parts.fragment)
    except ValueError:  # such as a port that is no number
        safe = plain = False
    if not (safe and plain):
        raise StoppedError(
            f"{base} is not an address to send a token to", "name one that begins with https://"
        )
    return local


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
