"""The pickled form of a program: plain tuples and lists, so a pickle does not depend on the modules of autograd."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING
from autograd.compiler.ir import Listing
from autograd.compiler.path import Path
from autograd.compiler.specialize import Specialization
from autograd.compiler.trace import Traced
from autograd.operations.operation import find
from autograd.pytree import Branch, Leaf

if TYPE_CHECKING:
    from typing import Any

    from autograd.engine import Value
    from autograd.pytree import Tree

FORMAT = 2
"""The version of the pickled form; a pickle of another version is refused."""


def check_format(state: dict[str, Any]) -> None:
    """Raise ValueError for a pickle of another form."""
    if state.get("format") != FORMAT:
        raise ValueError(
            f"this pickle of a program has the format {state.get('format')!r}, and this version of autograd reads "
            f"{FORMAT}; compile the function again"
        )


def pack(specialization: Specialization, parameters: list[Value]) -> tuple[Any, ...]:
    """A specialization as tuples; its paths refer to parameters by their positions in this list."""
    numbers = {x: i for i, x in enumerate(parameters)}
    paths = [
        (_pack_listing(path.traced), _pack_tree(path.output), [numbers[x] for x in path.parameters])
        for path in specialization.paths
    ]
    return _pack_tree(specialization.signature), specialization.reduced, paths


def unpack(state: tuple[Any, ...], parameters: list[Value], exact: bool, bound: dict[Value, Value]) -> Specialization:
    """The specialization from its tuples; the passes run again."""
    signature, reduced, paths = state
    specialization = Specialization(_unpack_tree(signature), exact, bound, reduced=reduced)
    for listing, output, numbers in paths:
        for name in sorted({name for name, _ in listing[2]}):
            find(name)  # raises ValueError for a user's operation that is not defined here
        traced = Traced(Listing(*listing), _unpack_tree(output), [parameters[i] for i in numbers])
        specialization.paths.append(Path(traced, exact, reduced))
    return specialization


def _pack_listing(listing: Listing) -> tuple[Any, ...]:
    return listing.n_inputs, listing.n_parameters, listing.steps, listing.outputs, listing.guards


def _pack_tree(tree: Tree) -> tuple[Any, ...]:
    if isinstance(tree, Leaf):
        return tuple(tree)
    return tree.kind, tree.keys, [_pack_tree(child) for child in tree.children]


def _unpack_tree(state: tuple[Any, ...]) -> Tree:
    if len(state) == 1:
        return Leaf(*state)
    kind, keys, children = state
    return Branch(kind, keys, tuple([_unpack_tree(child) for child in children]))
