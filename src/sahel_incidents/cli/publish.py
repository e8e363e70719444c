"""`incidents publish`: a release that can be cited, compared, checked and built again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import DATA_PROBLEMS, ENGINES, Progress, dask_engine, memory_limit, root_of

if TYPE_CHECKING:
    from ..publishing import Published


@click.command
@click.argument("version")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder in which the release's folder is to lie. Default: dist in the package's.",
)
@click.option(
    "--sign",
    "key",
    metavar="KEY",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Sign the checksums by this key of ssh-keygen.",
)
@click.option(
    "--since",
    metavar="STATE",
    help="The release before (its folder, .zip file or tag). Default: the newest tag vX.Y.Z below "
    "VERSION; without one, this is the first release.",
)
@click.option("--draft", is_flag=True, help="Build from the work tree as it is, and say so in it.")
@click.option("--hxl", is_flag=True, help="Write the flat tables with HXL tags, too.")
@click.option(
    "--parts",
    is_flag=True,
    help="Write each table in parts, as CSV and Parquet, and no other format: for packages that no "
    "memory holds.",
)
@click.option(
    "--rows-per-part",
    "rows",
    type=click.IntRange(min=1),
    metavar="N",
    help="For --parts: how many rows a part has. Default: 100000.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="For --parts: how many processes do the work. Default: one for each core.",
)
@click.option(
    "--engine",
    type=ENGINES,
    default="embedded",
    help="For --parts: what validates the package, see incidents validate.",
)
@memory_limit
@click.option(
    "--prepare",
    is_flag=True,
    help="Build nothing: write VERSION to datapackage.json and its section to CHANGELOG.md, to be "
    "looked at and committed.",
)
def command(
    version: str,
    output: Path | None,
    key: Path | None,
    since: str | None,
    draft: bool,
    hxl: bool,
    parts: bool,
    rows: int | None,
    workers: int | None,
    engine: str,
    memory_limit: int | None,
    prepare: bool,
) -> None:
    """Build the release VERSION of the commit that is checked out.

    The data must be sound without a warning, everything released be committed, and VERSION high
    enough for what changed since the release before: major where readers of the data may break,
    minor for new records, patch for corrections. Every file is read back before the release gets
    its place; until then nothing is published. The same commit always gives the same bytes.

    Exit codes: 1 if the data is not sound, 3 if the release is refused or cannot be built.

    \b
    Examples:
      incidents publish 1.1.0 --prepare
      incidents publish 1.1.0
      incidents publish 1.1.0 --sign ~/.ssh/id_ed25519 --hxl
      incidents publish 1.1.0 --draft --output look
      incidents publish 1.1.0 --parts --rows-per-part 500000 --workers 4
      incidents publish 1.1.0 --parts --engine dask --workers 4 --memory-limit 2GB
    """
    from ..history.states import RELEASES
    from ..store import check_clean

    root = root_of(None)
    check_clean(root)
    if parts and hxl:
        raise click.UsageError("--hxl is not for --parts")
    if (rows or workers or engine == "dask") and not parts:
        raise click.UsageError("--rows-per-part, --workers and --engine are for --parts")
    if memory_limit and engine != "dask":
        raise click.UsageError("--memory-limit needs --engine dask")
    if prepare:
        if key or draft or hxl or output or parts:
            raise click.UsageError("--prepare builds nothing; of the options it takes only --since")
        _prepare(root, version, since)
        return
    from ..publishing import InParts, UnsoundError, publish
    from ..publishing.in_parts import ROWS

    try:
        with Progress() as progress:
            done = publish(
                root,
                version,
                output or root / RELEASES,
                since=since,
                key=key,
                draft=draft,
                options=("hxl",) if hxl else (),
                parts=InParts(rows or ROWS, workers) if parts else None,
                engine=dask_engine(None, workers, memory_limit) if engine == "dask" else None,
                progress=progress,
            )
    except UnsoundError as error:
        from dataclasses import replace

        from ..reports import get

        text = get("text")
        report = replace(error.report, root=str(root))
        click.echo(text.render(report, limit=text.DEFAULT_LIMIT, strict=True), nl=False)
        click.echo("nothing was published", err=True)
        click.get_current_context().exit(DATA_PROBLEMS)
    _tell(done)


def _prepare(root: Path, version: str, since: str | None) -> None:
    from ..publishing.prepare import prepare

    changed = prepare(root, version, since=since)
    if not changed:
        click.echo(f"{version} is prepared already")
        return
    click.echo(f"changed: {', '.join(changed)}")
    click.echo(f"look at them, commit them, then run: incidents publish {version}", err=True)


def _tell(done: Published) -> None:
    size = sum(artifact.size for artifact in done.artifacts)
    if not done.compared:
        told = "too large to be compared with the release before"
    elif done.since is None:
        told = "the first release"
    else:
        changes = len(done.since.difference.changes)
        told = f"{changes:,} records changed since {done.since.version}"
        told += f", which deserves a {done.since.level} version" if done.since.level else ""
    click.echo(f"{done.folder}")
    click.echo(f"{len(done.artifacts)} files, {size / 1e6:,.1f} MB; {told}", err=True)
    if not done.new:
        click.echo("it was there already, byte for byte", err=True)
    if done.signed:
        click.echo("signed", err=True)
