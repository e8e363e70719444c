"""A deposit as Zenodo tells of it, and the release it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import StoppedError
from .assets import Assets
from .calls import Api

DEPOSITS = "/api/deposit/depositions"
_PAGE = 100  # deposits asked for at once, the most that is allowed
_PAGES = 100  # pages asked for at most


@dataclass(frozen=True)
class Deposit:
    """A draft or a published record.

    Attributes:
        number: its id.
        series: the id that all versions of one dataset share.
        published: whether it is published; a record that is being edited still is.
        title: its title; empty where it has none.
        version: its version number; empty where it has none.
        related: the identifiers it gives as related.
        files: size in bytes and MD5 of each file, by name; a list of deposits may leave them out.
        page: the address at which a person sees it.
        links: the addresses of what belongs to it, by name.
    """

    number: int
    series: str
    published: bool
    title: str
    version: str
    related: frozenset[str]
    files: Mapping[str, tuple[int, str]]
    page: str
    links: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where it is in the API."""
        return f"{DEPOSITS}/{self.number}"

    def is_of(self, assets: Assets) -> bool:
        """Whether it was made from the repository of a dataset."""
        return any(one.casefold().startswith(_commits(assets)) for one in self.related)


def told(answer: Any) -> Deposit:
    """The deposit that an answer tells of.

    Raises:
        StoppedError: it tells of none.
    """
    try:
        metadata, links = answer.get("metadata") or {}, answer["links"]
        published = bool(answer["submitted"])
        return Deposit(
            number=int(answer["id"]),
            series=str(answer["conceptrecid"]),
            published=published,
            title=str(metadata.get("title") or "").strip(),
            version=str(metadata.get("version") or "").strip(),
            related=frozenset(
                str(item["identifier"]) for item in metadata.get("related_identifiers") or []
            ),
            files={
                file["filename"]: (int(file["filesize"]), md5(file))
                for file in answer.get("files") or []
            },
            page=str((published and answer.get("doi_url")) or links.get("html")),
            links=links,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoppedError(
            f"the answer tells of no deposit: {error!r}", "see whether this is Zenodo"
        ) from error


def every(api: Api) -> list[Deposit]:
    """All deposits of the token's owner: drafts, and every published version.

    Raises:
        StoppedError: they cannot be listed.
    """
    found: dict[int, Deposit] = {}
    for page in range(1, _PAGES + 1):
        # The documentation has the first of the two names, the running code the second.
        answer = api.get(DEPOSITS, all_versions="true", allversions="true", size=_PAGE, page=page)
        if not isinstance(answer, list):
            raise StoppedError("the list of deposits is no list", "see whether this is Zenodo")
        new = {item.number: item for item in map(told, answer)}
        # A page may be shorter than what was asked for, so only nothing new is the end.
        if new.keys() <= found.keys():
            return list(found.values())
        found |= new
    raise StoppedError(
        f"there are more than {len(found):,} deposits", "use an account of the project's own"
    )


def read(api: Api, deposit: Deposit) -> Deposit:
    """A deposit as it is now, with all that a list leaves out.

    Raises:
        StoppedError: it is gone.
    """
    return told(api.get(deposit.path))


def described(assets: Assets) -> dict[str, Any]:
    """What a release says of itself, with the address of its commit, by which it is known again."""
    commit = {"identifier": commit_of(assets), "relation": "isDerivedFrom"}
    return {
        "publication_date": assets.issued,
        **assets.metadata,
        "version": assets.version,
        "related_identifiers": [*assets.metadata.get("related_identifiers", []), commit],
    }


def commit_of(assets: Assets) -> str:
    """The address of the commit that a release was built from."""
    return f"{assets.homepage}/commit/{assets.commit}"


def md5(answer: Mapping[str, Any]) -> str:
    """The digest that an answer states, in hexadecimal; one kind of answer says `md5:` before."""
    return str(answer["checksum"]).removeprefix("md5:")


def _commits(assets: Assets) -> str:
    """How the addresses of the repository's commits begin.

    GitHub's own integration with Zenodo names `/tree/` and the tag, in its deposits of the code.
    """
    return f"{assets.homepage}/commit/".casefold()
