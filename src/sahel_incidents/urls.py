"""Web addresses: their form, their tracking parameters, and when two lead to one document.

Imports nothing of ours. Patterns named in capitals are RE2's, as Arrow's kernels run them.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

_TRACKING = (
    r"utm_[A-Za-z0-9_]+|at_(?:campaign|medium|custom[0-9])|ns_(?:campaign|mchannel|source|linkname)"
    r"|fbclid|[dgy]clid|gclsrc|gbraid|wbraid|msclkid|twclid|ttclid|igshid|igsh|mibextid|mc_[ce]id"
    r"|mkt_tok|ref_src|_ga|_gl|_hsenc|_hsmi|vero_id|oly_(?:anon|enc)_id|xtor|wt_mc|s_cid"
    r"|guce_referrer(?:_sig)?|guccounter|__twitter_impression"
)
# Names of parameters that tell who shared a link and where, never which document it leads to, as
# advertisers, social networks, mailing and audience services append them.

TRACKED = rf"[?&#](?:{_TRACKING})="
"""Where an address carries a tracking parameter."""

_LETTER = r"\p{L}\p{M}\p{N}"
_HOST = (
    rf"(?:[{_LETTER}](?:[{_LETTER}_-]*[{_LETTER}])?\.)+"  # labels, each ended by a dot
    rf"\p{{L}}[{_LETTER}-]*[{_LETTER}]"  # the last begins with a letter: no number is a host
)
_REFUSED = r"\x00-\x20\x7f\p{Z}\"<>\\^`{|}"
WELL_FORMED = (
    rf"\Ahttps?://{_HOST}(?::[0-9]{{1,5}})?"
    rf"(?:[/?#](?:[^{_REFUSED}%]|%[0-9A-Fa-f]{{2}})*)?\z"
)
"""A public web address: RFC 3986 without a user, an IP address or a host that has no dot, and with
letters of every script as in RFC 3987, since browsers show and copy them."""

_PREFIX = r"\Ahttps?://(?:www\.)?"
_UNUSUAL = rf"[#%]|[^ -~]|/\?|\?/*\z|{TRACKED}|\A[^:]*://[^/?]*[A-Z:]"
# What needs more than its prefix and its last slash cut to be compared; rare.


def untracked(address: str) -> str:
    """The address without its tracking parameters."""
    kept = re.sub(rf"(?<=[?&#])(?:{_TRACKING})=[^&#]*(?:&|(?=#)|\Z)", "", address)
    return re.sub(r"[?&]+(?=#|\Z)", "", kept).removesuffix("#")


def compared(addresses: pa.ChunkedArray) -> pa.ChunkedArray:
    """Addresses reduced to what tells documents apart; equal for equal documents.

    Of no account are the scheme, `www.`, the host's case, a default port, tracking parameters, an
    empty query, slashes at the end, how a character is percent-encoded (RFC 3986, section 6.2.2),
    and a fragment, unless it begins with "/" or "!", with which some sites name their pages.
    """
    short = pc.utf8_rtrim(pc.replace_substring_regex(addresses, _PREFIX, ""), characters="/")
    unusual = pc.fill_null(pc.match_substring_regex(addresses, _UNUSUAL), False)
    rest = [_compared(address) for address in addresses.filter(unusual).to_pylist()]
    if not rest:
        return short
    # In one piece, for the kernel takes no chunked mask.
    whole, mask = short.combine_chunks(), unusual.combine_chunks()
    return pa.chunked_array([pc.replace_with_mask(whole, mask, pa.array(rest, pa.string()))])


def _compared(address: str) -> str:
    address, sign, fragment = untracked(address).partition("#")
    page = sign + fragment if fragment.startswith(("/", "!")) else ""
    address = re.sub(r"\Ahttps?://", "", address)
    authority = re.split(r"[/?]", address, maxsplit=1)[0]
    host = re.sub(r":(?:80|443)?\Z", "", authority.lower()).removeprefix("www.")
    tail = re.sub(r"%[0-9A-Fa-f]{2}|[^ -~]", _encoded, address[len(authority) :])
    path, question, query = tail.partition("?")
    return host + (path.rstrip("/") + question + query).rstrip("/?") + page


def _encoded(found: re.Match[str]) -> str:
    """One character or escape, escaped unless RFC 3986 or its forerunner 2396 has it unreserved."""
    text = found.group()
    code = text.encode("utf-8") if len(text) == 1 else bytes.fromhex(text[1:])
    plain = code.decode("latin-1")
    if re.fullmatch(r"[A-Za-z0-9._~!'()*-]", plain):
        return plain
    return "".join(f"%{byte:02X}" for byte in code)


def fault(address: str) -> str:
    """What is wrong with an address that is not `WELL_FORMED`, as a short phrase."""
    scheme, separator, rest = address.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme not in ("http", "https") or not separator:
        return "does not begin with http:// or https://"
    if "@" in authority:
        return "carries a user name or password"
    if bad := re.search(r"[\s\x00-\x20\x7f\"<>\\^`{|}]", address):
        sign = bad.group()
        shown = sign if sign.isprintable() and sign != " " else "a space or invisible character"
        return f"holds {shown}, which no address may"
    if re.search(r"%(?![0-9A-Fa-f]{2})", address):
        return "holds a % that is not followed by two hexadecimal digits"
    if re.fullmatch(r"\[.*\]|[0-9.]+", re.sub(r":[0-9]*\Z", "", authority)):
        return "names a machine by its number"
    return "has no public host name, such as www.example.org"
