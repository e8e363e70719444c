"""Depositing a release in Zenodo (https://developers.zenodo.org): once, whole, or not at all.

What is published there stays for ever. So publishing comes last, after every file in the draft was
found to be the right one, and whatever fails before leaves a draft, which nobody else sees. Nothing
is remembered here: each run looks up what is there, by the address of the commit among the related
identifiers, and goes on from that. So it can be repeated after any failure, on any machine.

Zenodo as it runs (https://github.com/zenodo/zenodo-rdm) differs from its documentation: a new
version cannot be asked for while there is a draft of it, and what is answered is that draft rather
than the record before it. A draft that was just made is listed only after some seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from . import StoppedError
from .assets import Asset, Assets
from .calls import AGAIN, Api, LostError
from .deposits import DEPOSITS, Deposit, commit_of, described, every, md5, read, told

MOST_FILES = 100
MOST_BYTES = 50_000_000_000
"""What one record holds at most (https://developers.zenodo.org, "Quickstart - Upload")."""


@dataclass(frozen=True)
class Found:
    """What there is already of a release.

    Attributes:
        published: the release itself, where it is published.
        draft: the draft that is to be gone on with.
        strays: further drafts of it, such as a lost answer may leave behind.
        latest: the newest published version of the dataset.
    """

    published: Deposit | None
    draft: Deposit | None
    strays: Sequence[Deposit]
    latest: Deposit | None

    @property
    def all_drafts(self) -> list[Deposit]:
        """The draft, and those beside it."""
        return [*([self.draft] if self.draft else []), *self.strays]


def deposit(assets: Assets, api: Api, *, publish: bool = True) -> str:
    """Deposit a release, or finish what an earlier run began.

    Args:
        assets: the release's files and metadata.
        api: where to.
        publish: whether to publish; otherwise a draft is left for a person to look at.

    Returns:
        the address of the published record, or of the draft.

    Raises:
        StoppedError: it is not published, and the message says what there is of it.
    """
    check_limits(assets)
    found = find(assets, api)
    if found.published is not None:
        record = read(api, found.published)
        _compare(assets, record)
        api.say(f"version {assets.version} is published already")
        return record.page
    draft = read(api, found.draft or _new_draft(assets, api, found))
    try:
        # First of all, so that the draft is known again as this version's.
        _describe(assets, api, draft)
        _fill(assets, api, draft)
        draft = read(api, draft)
        _compare(assets, draft)
        found = find(assets, api)
    except StoppedError as stopped:
        raise _kept(draft, stopped) from stopped
    if found.published is not None:
        raise StoppedError(
            f"another run has published version {assets.version} meanwhile",
            f"remove draft {draft.number}: --discard",
        )
    for other in found.all_drafts:
        if other.number != draft.number:
            api.say(f"draft {other.number} is left over; --discard removes it")
    return _publish(assets, api, draft).page if publish else draft.page


def discard(assets: Assets, api: Api) -> list[int]:
    """Remove the drafts of a release; returns their numbers.

    Raises:
        StoppedError: it cannot be done.
    """
    # One that has no version number yet may be a person's beginning.
    drafts = [item for item in find(assets, api).all_drafts if item.version == assets.version]
    for draft in drafts:
        api.delete(draft.path)
    return [draft.number for draft in drafts]


def check_limits(assets: Assets) -> None:
    """Refuse what Zenodo will not take, before anything is sent.

    Raises:
        StoppedError: there are too many files or bytes.
    """
    size = sum(file.size for file in assets.files.values())
    if len(assets.files) > MOST_FILES or size > MOST_BYTES:
        raise StoppedError(
            f"{len(assets.files)} files of {size:,} bytes are more than Zenodo takes",
            f"keep to {MOST_FILES} files and {MOST_BYTES:,} bytes, or ask Zenodo for more room",
        )


def find(assets: Assets, api: Api) -> Found:
    """Look up what there is of a release, among all that the token's owner has deposited.

    The dataset is known by its repository, or by its title where a version was deposited by hand.

    Raises:
        StoppedError: it is not clear which are the dataset's earlier versions, or the draft of
            another version is in the way.
    """
    deposits = sorted(every(api), key=lambda item: item.number)
    title = str(assets.metadata.get("title", "")).strip()
    versions = [
        item for item in deposits if item.published and (item.is_of(assets) or item.title == title)
    ]
    series = sorted({item.series for item in versions})
    if len(series) > 1:
        raise StoppedError(
            f"the dataset is published in {len(series)} series: {', '.join(series)}",
            "ask Zenodo's support to make them one",
        )
    latest = versions[-1] if versions else None
    published = next((item for item in versions if item.version == assets.version), None)
    drafts = [item for item in deposits if not item.published]
    # The draft of a next version has no version number yet, or still that of the one before.
    begun = {"", assets.version} | ({latest.version} if latest else set())
    following = [item for item in drafts if item.series in series]
    for item in following:
        if published is None and item.version not in begun:
            raise StoppedError(
                f"draft {item.number}, of version {item.version}, is in the way",
                "publish or discard that first; a series has one draft at a time",
            )
    alone = [
        item
        for item in drafts
        if item not in following and item.is_of(assets) and item.version == assets.version
    ]
    # Beside a series, a draft would become a second one.
    mine, others = (following, alone) if series else (alone[:1], alone[1:])
    return Found(published, mine[0] if mine else None, [*mine[1:], *others], latest)


def _new_draft(assets: Assets, api: Api, found: Found) -> Deposit:
    """Make a draft: of the next version, where there is one before."""
    attempt = 1
    while True:
        try:
            if found.latest is None:
                return told(api.post(DEPOSITS, {"metadata": described(assets)}))
            answer = told(api.post(f"{found.latest.path}/actions/newversion"))
            return told(api.get(api.path_of(answer.links.get("latest_draft"))))
        except LostError as lost:
            api.pause(attempt, str(lost), lost.asked)
            attempt += 1
            found = find(assets, api)
            if found.draft is not None:
                return found.draft


def _fill(assets: Assets, api: Api, draft: Deposit) -> None:
    """Bring the draft's files to what they must be; what is right there already stays."""
    bucket = api.path_of(draft.links.get("bucket"))
    for name in sorted(draft.files.keys() - assets.files.keys()):
        api.delete(f"{bucket}/{quote(name, safe='')}")
    for file in assets.files.values():
        if draft.files.get(file.name) != (file.size, file.md5):
            _send(api, f"{bucket}/{quote(file.name, safe='')}", file)


def _send(api: Api, path: str, file: Asset) -> None:
    """Send a file until what has arrived is the same."""
    attempt = 1
    while True:
        api.say(f"sending {file.name}, {file.size:,} bytes")
        answer = api.put(path, file.path)
        try:
            if (answer["size"], md5(answer)) == (file.size, file.md5):
                return
        except (KeyError, TypeError):
            raise StoppedError(
                "the answer tells of no file", "see whether this is Zenodo"
            ) from None
        api.pause(attempt, f"{file.name} arrived changed")
        attempt += 1


def _describe(assets: Assets, api: Api, draft: Deposit) -> None:
    """Set the draft's metadata, and see whether it was understood."""
    wanted = described(assets)
    kept = told(api.put(draft.path, {"metadata": wanted}))
    if kept.title != str(wanted.get("title", "")).strip() or kept.version != assets.version:
        raise StoppedError(
            f"the draft became version {kept.version!r} of {kept.title!r}", "see it at Zenodo"
        )
    if not kept.is_of(assets):
        raise StoppedError(f"the draft does not keep {commit_of(assets)}", "see it at Zenodo")


def _publish(assets: Assets, api: Api, draft: Deposit) -> Deposit:
    """Publish; returns the record."""
    attempt, begun = 1, False
    while True:
        asked = 0.0
        try:
            api.post(f"{draft.path}/actions/publish")
            begun, why = True, "it is not shown as published yet"
        except LostError as lost:
            begun, why, asked = True, str(lost), lost.asked
        except StoppedError as stopped:
            # Once it may be under way, a refusal may mean that there is nothing left to publish.
            if not begun:
                raise _kept(draft, stopped) from stopped
            why = stopped.message
        try:
            record = read(api, draft)
            if record.published:
                break
            api.pause(attempt, why, asked)
        except StoppedError as stopped:
            raise StoppedError(
                f"{stopped.message}\nWhether draft {draft.number} is published is not known", AGAIN
            ) from stopped
        attempt += 1
    _compare(assets, record)
    return record


def _compare(assets: Assets, found: Deposit) -> None:
    """Refuse a draft or record whose files are not exactly the release's."""
    wanted = {file.name: (file.size, file.md5) for file in assets.files.values()}
    wrong = sorted({name for name, _ in wanted.items() ^ found.files.items()})
    if wrong:
        raise StoppedError(
            f"deposit {found.number} does not hold the release's files: {', '.join(wrong)}",
            "what is published never changes: release a new version" if found.published else AGAIN,
        )


def _kept(draft: Deposit, stopped: StoppedError) -> StoppedError:
    return StoppedError(
        f"{stopped.message}\nNothing is published; draft {draft.number} is kept: {draft.page}",
        f"{stopped.remedy}; --discard removes the draft",
    )
