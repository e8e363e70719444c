"""Web addresses: compared, stripped and judged as a plain reading of the standards would."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents.urls import TRACKED, WELL_FORMED, compared, fault, untracked

TRACKERS = ["utm_source", "utm_x9", "fbclid", "gclid", "xtor", "at_medium", "mc_cid", "igshid"]
HONEST = ["p", "id", "utmost", "utm", "xfbclid", "fbclids", "ref", "page"]


def is_tracker(parameter: str) -> bool:
    """Whether `name=value` is a tracking parameter."""
    name, equals, _ = parameter.partition("=")
    return bool(equals) and (name in TRACKERS or (name.startswith("utm_") and len(name) > 4))


def document(address: str) -> tuple[str, ...]:
    """What tells a document from others, read off its address with the standard library."""
    parts = urlsplit(address)
    fragment = parts.fragment
    if fragment[:1] not in ("/", "!"):
        fragment = ""
    query = "&".join(p for p in parts.query.split("&") if not is_tracker(p))
    tail = [
        quote(
            unquote(part, errors="surrogateescape"),
            safe="/?&=~!$'()*,;:@+",
            errors="surrogateescape",
        )
        for part in (parts.path, query)
    ]
    tail = [tail[0].rstrip("/"), tail[1].rstrip("/?")]
    host = (parts.hostname or "").removeprefix("www.")
    port = parts.port if parts.port not in (80, 443) else None
    return host, str(port), *tail, fragment


hosts = st.sampled_from(["a.org", "A.org", "www.a.org", "WWW.A.Org", "b.net", "www.b.net:8080"])
ports = st.sampled_from(["", "", "", ":80", ":443"])
segments = st.sampled_from(["x", "X", "é", "%C3%A9", "%c3%a9", "%7Ex", "~x", "a_(b)", "a_%28b%29"])
paths = st.lists(segments, max_size=2).map(lambda parts: "".join(f"/{part}" for part in parts))
slashes = st.sampled_from(["", "/", "//"])
parameters = st.lists(
    st.tuples(st.sampled_from(TRACKERS + HONEST), st.sampled_from(["1", "%C3%A9", "a/", ""])).map(
        "=".join
    ),
    max_size=3,
).map(lambda found: "?" + "&".join(found) if found else "")
fragments = st.sampled_from(["", "", "#", "#top", "#/page", "#!page", "#xtor=RSS-1"])


@st.composite
def addresses(draw: st.DrawFn) -> str:
    host = draw(hosts)
    port = "" if ":" in host else draw(ports)
    rest = "".join(map(draw, (paths, slashes, parameters, fragments)))
    return draw(st.sampled_from(["http://", "https://"])) + host + port + rest


def chunked(values: list[str | None], at: int) -> pa.ChunkedArray:
    return pa.chunked_array([values[:at], values[at:]], pa.string())


@settings(max_examples=300)
@given(st.lists(addresses(), min_size=2, max_size=12), st.integers(0, 12))
def test_addresses_compare_equal_where_the_documents_are(found: list[str], at: int) -> None:
    short = compared(chunked([*found, None], at)).to_pylist()
    assert short.pop() is None
    for left, left_short in zip(found, short, strict=True):
        for right, right_short in zip(found, short, strict=True):
            same = document(left) == document(right)
            assert (left_short == right_short) == same, (left, right, left_short, right_short)


@pytest.mark.parametrize(
    "other",
    [
        "http://www.trtworld.com/article/a563a34cf7a0",
        "https://trtworld.com/article/a563a34cf7a0/",
        "https://WWW.TRTworld.com:443/article/a563a34cf7a0#read",
        "https://www.trtworld.com/article/a563a34cf7a0?utm_source=x&utm_medium=y",
        "https://www.trtworld.com/article/a563a34cf7a0/?",
        "https://www.trtworld.com/%61rticle/a563a34cf7a0?fbclid=1#xtor=RSS-1",
    ],
)
def test_spellings_of_one_address(other: str) -> None:
    first = "https://www.trtworld.com/article/a563a34cf7a0"
    assert len(set(compared(pa.chunked_array([[first, other]])).to_pylist())) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.org/x", "https://a.org/X"),
        ("https://a.org/?p=1", "https://a.org/?p=2"),
        ("https://a.org/a%2Fb", "https://a.org/a/b"),
        ("https://a.org/#/page/1", "https://a.org/#/page/2"),
        ("https://a.org/x", "https://a.org:8080/x"),
        ("https://fr.a.org/x", "https://a.org/x"),
    ],
)
def test_addresses_of_two_documents(one: str, other: str) -> None:
    assert len(set(compared(pa.chunked_array([[one, other]])).to_pylist())) == 2


@given(addresses())
def test_tracking_parameters_go_and_nothing_else(address: str) -> None:
    clean = untracked(address)
    carried = [p for p in urlsplit(address).query.split("&") if p]
    assert [p for p in urlsplit(clean).query.split("&") if p] == [
        p for p in carried if not is_tracker(p)
    ]
    assert urlsplit(clean)[:3] == urlsplit(address)[:3]
    tracked = pc.match_substring_regex(pa.array([address, clean]), TRACKED).to_pylist()
    in_fragment = is_tracker(urlsplit(address).fragment)
    assert tracked == [in_fragment or any(map(is_tracker, carried)), False]
    assert untracked(clean) == clean


def well_formed(address: str) -> bool:
    return bool(pc.match_substring_regex(pa.scalar(address), WELL_FORMED).as_py())


@pytest.mark.parametrize(
    "address",
    [
        "https://www.trtworld.com/article/a563a34cf7a0",
        "http://a.bc",
        "http://a-b.c-d.org",
        "https://example.org:8443/?q=[1]#top",
        "https://xn--bcher-kva.example/a",
        "https://bücher.example/é",
        "https://مثال.إختبار/",
        "https://web.archive.org/web/2025/https://www.trtworld.com/a",
        "https://en.wikipedia.org/wiki/Battle_of_Boulikessi_(2025)",
        "https://a.org/%C3%A9?x=100%25",
        "https://3.org/",
        "https://my_site.blogspot.com/",
    ],
)
def test_well_formed(address: str) -> None:
    assert well_formed(address)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://a.org/", "does not begin"),
        ("javascript:alert(1)", "does not begin"),
        ("data:text/html,x", "does not begin"),
        ("file:///etc/passwd", "does not begin"),
        ("https:/a.org/", "does not begin"),
        ("https://user@a.org/", "user name"),
        ("https://a.org:80@evil.net/", "user name"),
        ("https://a.org/a b", "invisible"),
        ("https://a.org/a\u00a0b", "invisible"),
        ("https://a.org/\x07", "invisible"),
        ('https://a.org/">', 'holds "'),
        ("https://a.org\\b", "holds \\"),
        ("https://a.org/<b>", "holds <"),
        ("https://a.org/100%", "%"),
        ("https://a.org/%zz", "%"),
        ("http://127.0.0.1/", "number"),
        ("http://127.0.0.1:8000/", "number"),
        ("http://[::1]/", "number"),
        ("http://[::1]:80/", "number"),
        ("http://2130706433/", "number"),
        ("http://0x7f.0x1/", "public host"),
        ("http://localhost", "public host"),
        ("http://localhost:8000/", "public host"),
        ("https://", "public host"),
        ("https:///path", "public host"),
        ("https://a..org/", "public host"),
        ("https://.org/", "public host"),
        ("https://-a.org/", "public host"),
        ("https://a.org-/", "public host"),
        ("https://a.org:port/", "public host"),
    ],
)
def test_malformed_and_why(address: str, said: str) -> None:
    assert not well_formed(address)
    assert said in fault(address)


@given(st.one_of(st.text(max_size=30), st.text(max_size=20).map("https://a.org/{}".format)))
def test_every_fault_has_words(address: str) -> None:
    if not well_formed(address):
        assert fault(address)
