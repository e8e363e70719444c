"""CITATION.cff: how to cite the dataset, in the Citation File Format 1.2.0.

GitHub, Zenodo and reference managers read it. Format:
https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..about import Party, describe
from ..release import Artifact, Release
from .common import without_empty

TITLE = "How to cite the dataset (Citation File Format)"
PATH = "CITATION.cff"
MEDIA_TYPE = "application/yaml"

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# What YAML wants escaped, or takes for the end of a line (1.2, section 5.1; 1.1, section 4.2),
# beside the control characters that JSON escapes.


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The citation of a release."""
    dated = {"date-released": release.issued.isoformat(), "commit": release.commit}
    return _yaml(_citation(release.descriptor) | without_empty(dated))


def undated(descriptor: Mapping[str, Any]) -> bytes:
    """The citation without day and commit: for the repository, whose next commit has others."""
    return _yaml(_citation(descriptor))


def _citation(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    about = describe(descriptor)
    licences = [licence.id for licence in about.licences]
    return without_empty(
        {
            "cff-version": "1.2.0",
            "message": "If you use this dataset, please cite it with its version.",
            "type": "dataset",
            "title": about.title,
            "abstract": about.text,
            "authors": [_author(creator) for creator in about.creators],
            "version": about.version,
            "doi": about.doi,
            "url": about.homepage,
            "repository-artifact": about.page,
            "license": licences[0] if len(licences) == 1 else licences,
            "keywords": list(about.keywords),
        }
    )


def _author(party: Party) -> dict[str, Any]:
    orcid = f"https://orcid.org/{party.orcid}" if party.orcid else ""
    who = (
        {
            "family-names": party.family,
            "given-names": party.given,
            "affiliation": party.organisation,
        }
        if party.is_person
        else {"name": party.name}
    )
    return without_empty({**who, "orcid": orcid, "website": "" if orcid else party.address})


def _yaml(document: Mapping[str, Any]) -> bytes:
    """A mapping of texts, lists of texts and lists of such mappings as YAML.

    Every text is quoted, so that no reader takes a version for a number or "no" for a truth value.
    """
    lines: list[str] = []
    for key, value in document.items():
        if isinstance(value, str):
            lines.append(f"{key}: {_quoted(value)}")
            continue
        lines.append(f"{key}:")
        for item in value:
            parts = (
                [_quoted(item)]
                if isinstance(item, str)
                else [f"{name}: {_quoted(text)}" for name, text in item.items()]
            )
            lines.extend(f"  {'  ' if number else '- '}{part}" for number, part in enumerate(parts))
    return "".join(f"{line}\n" for line in lines).encode()


def _quoted(text: str) -> str:
    # A JSON string is a double-quoted YAML scalar, but for what only JSON lets stand unescaped.
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
