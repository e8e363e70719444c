"""Depositing in Zenodo: whatever goes wrong, a release is published whole and once, or not."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from .conftest import HOMEPAGE, SCRIPTS, TOKEN, Done, Fault, Kept, Zenodo

Deposit = Callable[..., Done]
LIST = "^/api/deposit/depositions$"
ONE = r"/depositions/\d+$"
NEW = "newversion$"
FILE = "^/api/files/"
PUBLISH = "publish$"


def contents(assets: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in assets.iterdir()}


def assert_published(zenodo: Zenodo, *expected: Path) -> None:
    """These releases are published, in this order, once and whole; and no draft is left."""
    assert [kept.files for kept in zenodo.published] == [contents(assets) for assets in expected]
    assert len({kept.series for kept in zenodo.published}) == 1
    assert zenodo.drafts == []


def assert_nothing_published(zenodo: Zenodo, done: Done, *before: Path) -> None:
    assert done.returncode == 3, done.stderr
    assert done.stdout == ""
    assert "error: " in done.stderr
    assert "\n  -> " in done.stderr
    assert [kept.files for kept in zenodo.published] == [contents(assets) for assets in before]


def test_the_first_release_becomes_a_record(zenodo: Zenodo, deposit: Deposit, first: Path) -> None:
    done = deposit(first)
    assert done.returncode == 0, done.stderr
    assert_published(zenodo, first)
    (kept,) = zenodo.published
    assert done.stdout == f"https://doi.org/10.5281/zenodo.{kept.number}\n"
    assert kept.metadata["version"] == "1.0.0"
    assert [item["relation"] for item in kept.metadata["related_identifiers"]] == [
        "isIdenticalTo",
        "isDerivedFrom",
    ]
    derived = kept.metadata["related_identifiers"][1]["identifier"]
    assert re.fullmatch(re.escape(HOMEPAGE) + "/commit/[0-9a-f]{40}", derived)


def test_the_next_release_is_a_new_version_of_it(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    assert deposit(first).returncode == 0
    done = deposit(second)
    assert done.returncode == 0, done.stderr
    assert_published(zenodo, first, second)
    assert [kept.metadata["version"] for kept in zenodo.published] == ["1.0.0", "1.1.0"]


def test_what_is_deposited_already_is_only_looked_at(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    addresses = [deposit(assets).stdout for assets in (first, second)]
    zenodo.asked.clear()
    assert [deposit(assets).stdout for assets in (first, second)] == addresses
    assert_published(zenodo, first, second)
    assert {method for method, _ in zenodo.asked} == {"GET"}


PASSING = [
    Fault("GET", LIST, "status"),
    Fault("GET", LIST, "page"),
    Fault("GET", LIST, "short"),
    Fault("GET", LIST, "hang"),
    Fault("POST", LIST, "status", code=429, headers=lambda: {"Retry-After": "0"}),
    Fault("POST", LIST, "status"),
    Fault("POST", LIST, "lost"),
    Fault("POST", LIST, "late", code=504),
    Fault("POST", LIST, "short"),
    Fault("POST", LIST, "hang"),
    Fault("GET", ONE, "lost"),
    Fault("GET", ONE, "status", code=500, times=3),
    Fault("PUT", FILE, "cut"),
    Fault("PUT", FILE, "cut", after=2, times=3),
    Fault("PUT", FILE, "hang"),
    Fault("PUT", FILE, "lost", times=2),
    Fault("PUT", FILE, "status", code=429),
    Fault("PUT", FILE, "corrupt"),
    Fault("PUT", ONE, "late", code=502),
    Fault("PUT", ONE, "status", code=500),
    Fault("POST", PUBLISH, "status", code=500),
    Fault("POST", PUBLISH, "status", code=429),
    Fault("POST", PUBLISH, "lost"),
    Fault("POST", PUBLISH, "late", code=504),
    Fault("POST", PUBLISH, "short"),
    Fault("POST", PUBLISH, "hang"),
    Fault("POST", PUBLISH, "page"),
]


def named(fault: Fault) -> str:
    return f"{fault.method} {re.sub(r'[^a-z]', '', fault.path)[-9:]} {fault.kind} {fault.code}"


@pytest.mark.parametrize("fault", PASSING, ids=named)
def test_a_fault_that_passes_is_overcome(
    zenodo: Zenodo, deposit: Deposit, first: Path, fault: Fault
) -> None:
    zenodo.faults = [Fault(**vars(fault))]
    done = deposit(first)
    assert done.returncode == 0, done.stderr
    assert zenodo.faults[0].times == 0
    assert_published(zenodo, first)


PASSING_LATER = [
    Fault("POST", NEW, "status"),
    Fault("POST", NEW, "lost"),
    Fault("POST", NEW, "late", code=504),
    Fault("POST", NEW, "hang"),
    Fault("DELETE", FILE, "lost"),
    Fault("DELETE", FILE, "status", code=500),
    Fault("PUT", FILE, "cut"),
    Fault("POST", PUBLISH, "lost"),
]


@pytest.mark.parametrize("fault", PASSING_LATER, ids=named)
def test_a_fault_that_passes_is_overcome_with_a_new_version(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path, fault: Fault
) -> None:
    assert deposit(first).returncode == 0
    zenodo.faults = [Fault(**vars(fault))]
    done = deposit(second)
    assert done.returncode == 0, done.stderr
    assert zenodo.faults[0].times == 0
    assert_published(zenodo, first, second)


LASTING = [
    Fault("GET", LIST, "status"),
    Fault("POST", NEW, "status", code=500),
    Fault("POST", NEW, "status", code=403),
    Fault("GET", ONE, "page"),
    Fault("DELETE", FILE, "status", code=500),
    Fault("PUT", FILE, "cut"),
    Fault("PUT", FILE, "hang"),
    Fault("PUT", FILE, "corrupt"),
    Fault("PUT", FILE, "liar"),
    Fault("PUT", FILE, "status", code=401),
    Fault("PUT", FILE, "status", code=503, after=2),
    Fault("PUT", ONE, "status", code=400),
    Fault("POST", PUBLISH, "status", code=400),
    Fault("POST", PUBLISH, "status", code=403),
    Fault("POST", PUBLISH, "status", code=429),
    Fault("POST", PUBLISH, "status", code=500),
]


@pytest.mark.parametrize("fault", LASTING, ids=named)
def test_a_fault_that_lasts_leaves_a_draft_at_most_which_the_next_run_finishes(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path, fault: Fault
) -> None:
    assert deposit(first).returncode == 0
    zenodo.faults = [Fault(**vars(fault) | {"times": 1000})]
    done = deposit(second)
    assert_nothing_published(zenodo, done, first)
    for draft in zenodo.drafts:
        assert str(draft.number) in done.stderr
    zenodo.faults = []
    done = deposit(second)
    assert done.returncode == 0, done.stderr
    assert_published(zenodo, first, second)


def test_a_draft_says_how_to_go_on(zenodo: Zenodo, deposit: Deposit, first: Path) -> None:
    zenodo.faults = [Fault("PUT", FILE, "status", code=400)]
    done = deposit(first)
    assert_nothing_published(zenodo, done)
    (draft,) = zenodo.drafts
    kept = f"Nothing is published; draft {draft.number} is kept: {zenodo.url}/deposit/"
    assert kept in done.stderr
    assert "run the same command again; --discard removes the draft" in done.stderr


def test_what_has_arrived_is_not_sent_again(zenodo: Zenodo, deposit: Deposit, first: Path) -> None:
    zenodo.faults = [Fault("PUT", FILE, "status", code=400, after=3)]
    assert deposit(first).returncode == 3
    assert zenodo.calls("PUT", FILE) == 4
    assert deposit(first).returncode == 0
    assert zenodo.calls("PUT", FILE) == len(contents(first)) + 1
    assert_published(zenodo, first)


def test_a_publishing_that_nobody_knows_of_is_called_so(
    zenodo: Zenodo, deposit: Deposit, first: Path
) -> None:
    zenodo.faults = [
        Fault("POST", PUBLISH, "lost"),
        Fault("GET", ONE, "status", code=500, after=2, times=1000),
    ]
    done = deposit(first)
    assert done.returncode == 3
    assert "is published is not known\n" in done.stderr
    assert "Nothing is published" not in done.stderr
    zenodo.faults = []
    assert deposit(first).returncode == 0
    assert_published(zenodo, first)


def test_an_index_that_lags_makes_no_second_record(
    zenodo: Zenodo, deposit: Deposit, first: Path
) -> None:
    zenodo.lag = 1
    zenodo.faults = [Fault("POST", LIST, "lost")]
    done = deposit(first)
    assert done.returncode == 0, done.stderr
    assert [kept.files for kept in zenodo.published] == [contents(first)]
    # What the lost answer left behind is a draft, and goes when asked to.
    (left,) = zenodo.drafts
    assert f"draft {left.number} is left over; --discard removes it\n" in done.stderr
    assert deposit(first, "--discard").returncode == 0
    assert_published(zenodo, first)


def test_a_refused_token_is_named_and_not_shown(
    zenodo: Zenodo, deposit: Deposit, first: Path
) -> None:
    done = deposit(first, token="another")
    assert_nothing_published(zenodo, done)
    assert "make a new token, with the scopes deposit:write and deposit:actions" in done.stderr
    assert "another" not in done.stderr
    assert len(zenodo.asked) == 1


@pytest.mark.parametrize("token", ["", " ", f"{TOKEN}\n", f"{TOKEN}\r\nHost: elsewhere", "é"])
def test_what_is_no_token_is_refused(
    zenodo: Zenodo, deposit: Deposit, first: Path, token: str
) -> None:
    done = deposit(first, token=token)
    assert_nothing_published(zenodo, done)
    assert "token" in done.stderr
    assert zenodo.asked == []


def test_a_refusal_amid_an_upload_is_heard(zenodo: Zenodo, deposit: Deposit, first: Path) -> None:
    zenodo.faults = [Fault("PUT", "codebook", "early", code=413, times=1000)]
    done = deposit(first)
    assert_nothing_published(zenodo, done)
    assert len(zenodo.drafts) == 1
    assert "413 Bucket quota exceeded." in done.stderr


def test_the_token_goes_nowhere_else(
    zenodo: Zenodo, serve: Callable[..., Zenodo], deposit: Deposit, first: Path
) -> None:
    other = serve()
    headers = {"Location": f"{other.url}/api/deposit/depositions"}
    for method, path in (("GET", LIST), ("POST", LIST), ("PUT", FILE), ("POST", PUBLISH)):
        zenodo.faults = [Fault(method, path, "away", headers=lambda: headers)]
        done = deposit(first)
        assert_nothing_published(zenodo, done)
        assert "the token is not sent on" in done.stderr
    zenodo.bucket_host = other.url
    done = deposit(first)
    assert_nothing_published(zenodo, done)
    assert "the token is not sent there" in done.stderr
    assert other.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://zenodo.org",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
        "https://user@zenodo.org",
        "https://zenodo.org/?x",
        "https://[::1",
        "https://zenodo.org:port",
        "zenodo.org",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_refused(deposit: Deposit, first: Path, url: str) -> None:
    done = deposit(first, "--base-url", url)
    assert done.returncode == 3
    assert "not an address to send a token to" in done.stderr


def test_no_proxy_gets_to_see_what_is_not_encrypted(
    zenodo: Zenodo, serve: Callable[..., Zenodo], script: Callable[..., Done], first: Path
) -> None:
    proxy = serve()
    done = script(
        "deposit.py",
        "--base-url",
        zenodo.url,
        first,
        ZENODO_TOKEN=TOKEN,
        http_proxy=proxy.url,
        HTTP_PROXY=proxy.url,
    )
    assert done.returncode == 0, done.stderr
    assert proxy.asked == []
    assert all(headers["Authorization"] == f"Bearer {TOKEN}" for headers in zenodo.headers)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine that nobody but its owner vouches for, and its key."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=here -out c -keyout k"
    extension = ("-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run([*command.split(), *extension], cwd=tmp_path, check=True, capture_output=True)
    path = tmp_path / "certificate.pem"
    path.write_bytes((tmp_path / "c").read_bytes() + (tmp_path / "k").read_bytes())
    return path


def test_who_answers_is_checked(
    serve: Callable[..., Zenodo], script: Callable[..., Done], first: Path, certificate: Path
) -> None:
    zenodo = serve(certificate)
    command = ("deposit.py", "--base-url", zenodo.url, first)
    done = script(*command, ZENODO_TOKEN=TOKEN)
    assert_nothing_published(zenodo, done)
    assert "certificate verify failed" in done.stderr
    assert "trying again" not in done.stderr
    assert zenodo.asked == []
    zenodo.faults = [Fault("PUT", "codebook", "early", code=503)]
    done = script(*command, "--wait", "0.01", ZENODO_TOKEN=TOKEN, SSL_CERT_FILE=str(certificate))
    assert done.returncode == 0, done.stderr
    assert_published(zenodo, first)


@pytest.mark.parametrize(
    "headers",
    [
        lambda: {"Retry-After": "1"},
        lambda: {"Retry-After": formatdate(time.time() + 2, usegmt=True)},
        lambda: {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 2)},
    ],
    ids=["seconds", "a date", "the rate limit's end"],
)
def test_it_waits_as_long_as_it_is_asked_to(
    zenodo: Zenodo, deposit: Deposit, first: Path, headers: Callable[[], dict[str, str]]
) -> None:
    zenodo.faults = [Fault("POST", LIST, "status", code=429, headers=headers)]
    done = deposit(first)
    assert done.returncode == 0, done.stderr
    assert re.search(r"429 No, \(token\) ::error::; trying again in [12] s\n", done.stderr)
    assert_published(zenodo, first)


@pytest.mark.parametrize("asked", ["86400", "999999999", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_it_does_not_wait_for_ever(
    zenodo: Zenodo, deposit: Deposit, first: Path, asked: str
) -> None:
    zenodo.faults = [Fault("GET", LIST, "status", code=429, headers=lambda: {"Retry-After": asked})]
    done = deposit(first)
    assert_nothing_published(zenodo, done)
    assert "asks to wait" in done.stderr
    assert len(zenodo.asked) == 1


@pytest.mark.parametrize("asked", ["-1", "soon", "1e9", ""])
def test_a_wait_that_makes_no_sense_is_not_kept(
    zenodo: Zenodo, deposit: Deposit, first: Path, asked: str
) -> None:
    zenodo.faults = [Fault("GET", LIST, "status", code=503, headers=lambda: {"Retry-After": asked})]
    assert deposit(first).returncode == 0
    assert_published(zenodo, first)


def test_a_draft_can_be_left_to_a_person(zenodo: Zenodo, deposit: Deposit, first: Path) -> None:
    done = deposit(first, "--draft")
    assert done.returncode == 0
    (draft,) = zenodo.drafts
    assert done.stdout == f"{zenodo.url}/deposit/{draft.number}\n"
    assert draft.files == contents(first)
    assert deposit(first).returncode == 0
    assert_published(zenodo, first)


def test_discarding_removes_the_draft_and_nothing_else(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    assert deposit(first).returncode == 0
    theirs = zenodo.add(metadata={"title": "Another dataset", "version": "1.1.0"})
    assert deposit(second, "--draft").returncode == 0
    done = deposit(second, "--discard")
    assert done.returncode == 0
    assert re.fullmatch(r"removed: \d+\n", done.stderr)
    assert zenodo.drafts == [theirs]
    assert [kept.files for kept in zenodo.published] == [contents(first)]
    assert deposit(second, "--discard").stderr == "there is no draft\n"
    assert deposit(first, "--discard").stderr == "there is no draft\n"
    assert len(zenodo.deposits) == 2


def test_what_others_deposited_is_left_alone(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    mark = f"{HOMEPAGE}/tree/v1.0.0"
    related = [{"identifier": mark, "relation": "isSupplementTo"}]
    code = {"title": "sahel-incidents: v1.0.0", "version": "1.0.0", "related_identifiers": related}
    theirs = [
        zenodo.add(metadata=code, published=True, files={"code.zip": b"PK"}),
        zenodo.add(metadata={"title": "Sahel Incidents"}, files={"mine.txt": b"x"}),
        zenodo.add(metadata={}),
    ]
    before = [Kept(**vars(kept)) for kept in theirs]
    assert deposit(first).returncode == deposit(second).returncode == 0
    assert [zenodo.deposits[kept.number] for kept in theirs] == before
    ours = [kept for kept in zenodo.published if kept not in theirs]
    assert [kept.files for kept in ours] == [contents(first), contents(second)]
    assert len({kept.series for kept in ours}) == 1


def test_a_first_version_that_was_deposited_by_hand_is_followed(
    zenodo: Zenodo, deposit: Deposit, second: Path
) -> None:
    by_hand = zenodo.add(
        metadata={"title": "Sahel Incidents", "version": "0.9"}, published=True, files={"a": b"a"}
    )
    assert deposit(second).returncode == 0
    assert {kept.series for kept in zenodo.published} == {by_hand.series}
    assert zenodo.published[1].files == contents(second)


def test_a_draft_of_the_next_version_is_taken_on(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    assert deposit(first).returncode == 0
    zenodo.add(series=zenodo.published[0].series, files={"of before.csv": b"x"})
    assert deposit(second).returncode == 0
    assert_published(zenodo, first, second)


def test_a_draft_of_another_version_is_in_the_way(
    zenodo: Zenodo, deposit: Deposit, pack: Callable[..., Path], first: Path, second: Path
) -> None:
    assert deposit(first).returncode == 0
    assert deposit(second, "--draft").returncode == 0
    (draft,) = zenodo.drafts
    third = pack("1.2.0")
    done = deposit(third)
    assert_nothing_published(zenodo, done, first)
    assert f"draft {draft.number}, of version 1.1.0, is in the way" in done.stderr
    assert zenodo.drafts == [draft]
    assert deposit(first).returncode == 0
    assert deposit(second).returncode == deposit(third).returncode == 0
    assert_published(zenodo, first, second, third)


def test_a_draft_beside_the_series_is_not_published(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    assert deposit(second, "--draft").returncode == 0
    (stray,) = zenodo.drafts
    assert deposit(first).returncode == deposit(second).returncode == 0
    assert zenodo.drafts == [stray]
    assert deposit(second, "--discard").returncode == 0
    assert_published(zenodo, first, second)


def test_a_draft_that_a_person_has_begun_is_not_discarded(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    assert deposit(first).returncode == 0
    begun = zenodo.add(series=zenodo.published[0].series)
    assert deposit(second, "--discard").stderr == "there is no draft\n"
    assert zenodo.drafts == [begun]


def test_a_published_version_never_changes(
    zenodo: Zenodo, deposit: Deposit, pack: Callable[..., Path], first: Path
) -> None:
    assert deposit(first).returncode == 0
    other = pack("1.0.0", **{"README.md": b"# Changed\n"})
    zenodo.asked.clear()
    done = deposit(other)
    assert_nothing_published(zenodo, done, first)
    assert "does not hold the release's files: README.md, SHA256SUMS, " in done.stderr
    assert "release a new version" in done.stderr
    assert {method for method, _ in zenodo.asked} == {"GET"}


def test_what_another_run_publishes_meanwhile_is_not_published_again(
    zenodo: Zenodo, deposit: Deposit, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deposit(first, "--draft").returncode == 0
    (other,) = zenodo.drafts
    monkeypatch.setattr(other, "hidden", 1)
    of_file = zenodo.of_file

    def meanwhile(method: str, kept: Kept, name: str, body: bytes) -> tuple[int, Any]:
        other.published = True
        return of_file(method, kept, name, body)

    monkeypatch.setattr(zenodo, "of_file", meanwhile)
    done = deposit(first)
    assert_nothing_published(zenodo, done, first)
    (draft,) = zenodo.drafts
    assert "another run has published version 1.0.0 meanwhile" in done.stderr
    assert f"remove draft {draft.number}: --discard" in done.stderr
    assert deposit(first, "--discard").returncode == 0
    assert_published(zenodo, first)


def test_two_series_are_one_too_many(zenodo: Zenodo, deposit: Deposit, first: Path) -> None:
    for _ in range(2):
        zenodo.add(metadata={"title": "Sahel Incidents", "version": "0.9"}, published=True)
    done = deposit(first)
    assert done.returncode == 3
    assert "is published in 2 series" in done.stderr
    assert zenodo.drafts == []


def test_all_pages_of_deposits_are_read(
    zenodo: Zenodo, deposit: Deposit, first: Path, second: Path
) -> None:
    assert deposit(first).returncode == 0
    for number in range(7):
        zenodo.add(metadata={"title": f"Other {number}"})
    zenodo.page_size = 3
    assert deposit(second).returncode == 0
    assert len({kept.series for kept in zenodo.published}) == 1


@pytest.mark.parametrize(
    "answer",
    [{}, [1], [{}], [{"id": "x"}], [{"id": 1, "links": {}, "submitted": False}], None, "[", 7],
)
def test_an_answer_that_is_not_zenodos_is_no_deposit(
    zenodo: Zenodo,
    deposit: Deposit,
    first: Path,
    answer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zenodo, "listed", lambda page, size: (200, answer))
    done = deposit(first)
    assert_nothing_published(zenodo, done)
    assert zenodo.deposits == {}


def test_a_run_that_is_killed_leaves_a_draft(zenodo: Zenodo, deposit: Deposit, first: Path) -> None:
    zenodo.faults = [Fault("PUT", FILE, "hang", after=2)]
    running = subprocess.Popen(
        [sys.executable, SCRIPTS / "deposit.py", "--base-url", zenodo.url, first],
        env={"PATH": os.environ["PATH"], "ZENODO_TOKEN": TOKEN},
        stderr=subprocess.DEVNULL,
    )
    while zenodo.calls("PUT", FILE) < 3:
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert zenodo.published == []
    assert len(zenodo.drafts) == 1
    assert deposit(first).returncode == 0
    assert_published(zenodo, first)


def test_a_dry_run_calls_nobody(script: Callable[..., Done], first: Path) -> None:
    done = script("deposit.py", "--dry-run", "--base-url", "https://127.0.0.1:9", first)
    assert done.returncode == 0, done.stderr
    listed, _, shown = done.stdout.partition("{")
    assert [line.split()[-1] for line in listed.splitlines()] == sorted(contents(first))
    assert json.loads("{" + shown)["metadata"]["version"] == "1.0.0"


def test_without_a_token_nothing_is_tried(script: Callable[..., Done], first: Path) -> None:
    done = script("deposit.py", "--base-url", "https://127.0.0.1:9", first)
    assert done.returncode == 3
    assert "there is no token in the variable ZENODO_TOKEN" in done.stderr


def test_nobody_there_is_said(script: Callable[..., Done], first: Path) -> None:
    quick = ("--wait", "0.01", "--attempts", "2")
    done = script(
        "deposit.py", "--base-url", "http://127.0.0.1:9", *quick, first, ZENODO_TOKEN=TOKEN
    )
    assert done.returncode == 3
    assert "Connection refused" in done.stderr
    assert "2 times\n  -> run the same command again later\n" in done.stderr


@pytest.mark.parametrize(
    "option",
    ["--attempts=0", "--attempts=1.5", "--wait=-1", "--timeout=inf", "--longest-wait=nan"],
)
def test_numbers_that_make_no_sense_are_refused(
    script: Callable[..., Done], first: Path, option: str
) -> None:
    done = script("deposit.py", "--dry-run", option, first)
    assert done.returncode == 2
    assert "is not a number above 0" in done.stderr


def test_more_than_zenodo_takes_is_refused_before_anything_is_sent(
    zenodo: Zenodo, deposit: Deposit, pack: Callable[..., Path]
) -> None:
    many = pack("1.0.0", **{f"file-{number}.txt": b"x" for number in range(100)})
    done = deposit(many)
    assert_nothing_published(zenodo, done)
    assert "are more than Zenodo takes" in done.stderr
    assert zenodo.asked == []


def test_a_folder_that_was_changed_is_not_deposited(
    zenodo: Zenodo, deposit: Deposit, first: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "assets"
    shutil.copytree(first, folder)
    (folder / "notes.txt").write_text("private")
    done = deposit(folder)
    assert_nothing_published(zenodo, done)
    assert "notes.txt" in done.stderr
    assert zenodo.asked == []
