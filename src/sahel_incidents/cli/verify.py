"""`incidents verify`: whether a release is whole, agrees with itself, and came from its commit."""

from __future__ import annotations

from pathlib import Path

import click

from . import DATA_PROBLEMS, ENGINES, Progress, dask_engine, memory_limit, root_of, workers


@click.command
@click.argument("release", type=click.Path(path_type=Path))
@click.option(
    "--allowed-signers",
    "allowed",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Who may sign, as described under ALLOWED SIGNERS in ssh-keygen(1). The release must then "
    "be signed by one of them.",
)
@click.option(
    "--rebuild", is_flag=True, help="Build it again from its commit, and compare byte for byte."
)
@click.option(
    "--since",
    metavar="STATE",
    help="For --rebuild: the release before, where this clone has no tag of it.",
)
@click.option(
    "--engine",
    type=ENGINES,
    default="embedded",
    help="What validates the package in it, see incidents validate.",
)
@workers
@memory_limit
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to show it. Default: text.",
)
def command(
    release: Path,
    allowed: Path | None,
    rebuild: bool,
    since: str | None,
    engine: str,
    workers: int | None,
    memory_limit: int | None,
    form: str,
) -> None:
    """Verify RELEASE, the folder of a release or a zip archive of it.

    Every file is hashed and held against SHA256SUMS and manifest.json; each one that was changed,
    added, removed or renamed is named. Then the tables are validated, and the other formats
    compared with them. Nothing is fetched, and nothing in the release is run.

    Whether a release is signed is always told. By whom is checked only with --allowed-signers;
    without it a signature that fits is no problem and no proof.

    Exit codes: 0 verified, 1 something is wrong with it, 3 it could not be verified.

    \b
    Examples:
      incidents verify dist/sahel-incidents-1.0.0
      incidents verify release.zip --allowed-signers signers.txt
      incidents verify dist/sahel-incidents-1.0.0 --rebuild
      incidents verify dist/huge-1.0.0 --engine dask --memory-limit 2GB
    """
    from ..verifying import showing, verify

    if since is not None and not rebuild:
        raise click.UsageError("--since is for --rebuild")
    if (workers or memory_limit) and engine != "dask":
        raise click.UsageError("--workers and --memory-limit need --engine dask")
    with Progress() as progress:
        found = verify(
            release,
            allowed=allowed,
            rebuild_in=root_of(None) if rebuild else None,
            since=since,
            engine=dask_engine(None, workers, memory_limit) if engine == "dask" else None,
            progress=progress,
        )
    click.echo({"text": showing.text, "json": showing.json}[form](found), nl=False)
    if not found.sound:
        click.get_current_context().exit(DATA_PROBLEMS)
