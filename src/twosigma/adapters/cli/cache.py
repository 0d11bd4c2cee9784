"""`twosigma cache`: the tree of cached replies."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator

import click

from twosigma.adapters.cli.program import Program
from twosigma.app.cache_admin import NodeView, TreeView
from twosigma.domain.cache_tree import ROOT

_SHOWN = 72
HIDDEN = "(an answer of fewer than 5 learners)"


@click.group()
def cache() -> None:
    """Look at the cached replies, and delete old ones."""


@cache.command()
@click.option("--content", "item_id", type=click.IntRange(min=1), required=True)
@click.pass_obj
def show(program: Program, item_id: int) -> None:
    """Show the reply trees of a content item."""
    views = asyncio.run(_show(program, item_id))
    if not views:
        click.echo("Nothing is cached for this item yet.")
    for view in views:
        for line in tree_lines(view):
            click.echo(line)


@cache.command()
@click.option("--unused-days", type=click.IntRange(min=1), help="30, if it is not set otherwise.")
@click.pass_obj
def prune(program: Program, unused_days: int | None) -> None:
    """Delete trees that no lesson can reach any more and nobody used for so many days."""
    trees, nodes = asyncio.run(_prune(program, unused_days or program.prune_days()))
    click.echo(f"Deleted {trees} trees with {nodes} replies.")


async def _show(program: Program, item_id: int) -> list[TreeView]:
    async with program.opened() as opened:
        return await opened.core.cache_admin.show(item_id)


async def _prune(program: Program, days: int) -> tuple[int, int]:
    async with program.opened() as opened:
        return await opened.core.cache_admin.prune(days)


def tree_lines(view: TreeView) -> Iterator[str]:
    """A tree for a person: its context, then each node below its parent with its hits and
    with how many sessions left the path there."""
    tree, use = view.tree, view.use
    state = "current" if view.is_current else "no longer reached"
    used = f", last used {use.last_used_at:%Y-%m-%d %H:%M} UTC" if use.last_used_at else ""
    prompt = "a deleted prompt" if view.prompt is None else "{} version {}".format(*view.prompt)
    yield (
        f"{view.content_title}: tree {tree.id}, {tree.model}, {tree.locale}, {prompt}, "
        f"{use.node_count} replies, {use.hits} hits, {use.misses} misses, {state}{used}"
    )
    children: defaultdict[int, list[NodeView]] = defaultdict(list)
    for shown in view.nodes:
        children[shown.node.parent_id].append(shown)
    waiting = [(shown, "") for shown in reversed(children[ROOT])]
    while waiting:
        shown, indent = waiting.pop()
        left = shown.divergences
        counts = f"{shown.hits} hits" + (f", {left} left here" if left else "")
        message = HIDDEN if shown.message is None else _shortened(shown.message)
        yield f"{indent}└ {message}  ({counts})  {_shortened(shown.node.text)}"
        waiting += [(child, indent + "  ") for child in reversed(children[shown.node.id])]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
