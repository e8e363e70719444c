"""The `README.md` of a release: what is in the folder, how to load, cite and check it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..about import describe
from ..checksums import SIGNATURE, SUMS
from ..formats import Written
from ..release import MANIFEST, Artifact, Release

README = "README.md"
_TOLD = 3  # files of a folder that are named


def content(
    release: Release, listed: Iterable[Written | Artifact], *, in_parts: bool = False
) -> str:
    """The text of the file.

    Args:
        release: what is published.
        listed: the other files of it.
        in_parts: whether its tables are written in parts.
    """
    about = describe(release.descriptor)
    load = _loading_parts(release) if in_parts else _loading(release)
    files = "\n".join(f"| `{path}` | {title} |" for path, title in _listing(listed))
    return f"""# {about.title} {release.version}

{about.text}

{_origin(release)}

## Load

{load}

| file | what it is |
|---|---|
{files}

## Cite

> {about.citation(release.issued)}

If you use a single figure, cite its own source, too.

## Check

`sha256sum --check {SUMS}` tells whether a file was damaged or changed. With the toolkit,
`incidents verify FOLDER` tells that and whether the tables are sound and all formats say the same;
with `--rebuild`, in a clone of the repository, whether the release is what its commit gives. The
signature, where there is one, is `{SIGNATURE}`. What the release was made with: `{MANIFEST}`.
"""


def _loading(release: Release) -> str:
    first = next(iter(release.package.tables.values()))
    return f"""\
Every table is a CSV file, described in `datapackage.json`. Only an empty cell is missing; tell
pandas so, or it takes words such as "None" for missing, too:

```python
import pandas as pd

{first.name} = pd.read_csv("{first.path}", dtype="string", keep_default_na=False, na_values=[""])
```

With the toolkit, `sahel_incidents.load("{release.name}")` gives every table with its types."""


def _loading_parts(release: Release) -> str:
    first = next(iter(release.package.tables))
    return f"""\
Every table is a folder of parts, in the order of their numbers: CSV files, each with the header,
described in `datapackage.json`; and Parquet files in `parquet/`, with types. Most programs read a
folder of Parquet files as one table, and only the columns asked for:

```python
import pyarrow.dataset

{first} = pyarrow.dataset.dataset("parquet/{first}")
```"""


def _listing(listed: Iterable[Written | Artifact]) -> Iterator[tuple[str, str]]:
    """Each file at the top and each folder, by path, with what it is."""
    titles: dict[str, list[str]] = {}
    for file in sorted(listed, key=lambda file: file.path):
        top, below, _ = file.path.partition("/")
        titles.setdefault(top + below, []).append(file.title)
    for path, found in sorted(titles.items()):
        more = f"; and {len(found) - _TOLD} more files" if len(found) > _TOLD else ""
        yield path, "; ".join(found[:_TOLD]) + more


def _origin(release: Release) -> str:
    if release.commit:
        return f"Issued on {release.issued}, built from commit `{release.commit}`."
    return (
        f"**A draft** of {release.issued}, built from files that were not committed. "
        "Do not cite or pass it on."
    )
