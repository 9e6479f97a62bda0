"""The pickled form of a program: plain tuples and lists, so a pickle does not depend on the modules of autograd."""

from __future__ import annotations

import itertools
from functools import partial

from autograd._typing import TYPE_CHECKING
from autograd.compiler.ir import Listing
from autograd.compiler.parameters import Order
from autograd.compiler.path import Path
from autograd.compiler.specialize import Specialization
from autograd.compiler.trace import Traced
from autograd.compiler.validation import check_members, check_state, damaged, shown
from autograd.pytree import Branch, Leaf

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.traces import Traces
    from autograd.engine import Value
    from autograd.pytree import Tree

FORMAT = 3
"""The version of the pickled form; a pickle of another version is refused."""


def packed(program: Traces) -> dict[str, Any]:
    """The state of a program, for pickle."""
    parameters = program.parameters
    return {
        "format": FORMAT,
        "exact": program._exact,
        "parameters": parameters,
        "specializations": [_pack(x, parameters) for x in program._specializations],
        "reductions": [_pack(x, parameters) for x in program._reductions],
        "derivatives": program._derivatives(),
    }


def unpacked(state: dict[str, Any], program: Traces) -> dict[str, Any]:
    """The attributes of a program from its state; ValueError for any other state.

    Args:
        program: the one that is to have them.
    """
    if type(state) is dict and state.get("format", FORMAT) != FORMAT:
        raise ValueError(
            f"this pickle of a program has the format {shown(state['format'])}, and this version of autograd reads "
            f"{FORMAT}; compile the function again"
        )
    check_members(state, _MEMBERS, "the state")
    check_state(state)
    _check_derivatives(state["derivatives"], program)
    exact, parameters = state["exact"], state["parameters"]
    bound: dict[Value, Value] = {}
    return {
        "_exact": exact,
        "_bound": bound,
        "_order": Order(parameters),
        "_specializations": [_unpack(x, parameters, exact, bound) for x in state["specializations"]],
        "_reductions": [_unpack(x, parameters, exact, bound) for x in state["reductions"]],
        **state["derivatives"],
    }


_MEMBERS = {"format", "exact", "parameters", "specializations", "reductions", "derivatives"}


def _check_derivatives(derivatives: object, program: Traces) -> None:
    """Raise ValueError unless these are programs, and the program is not among them or their derivatives."""
    if type(derivatives) is not dict or not derivatives.keys() <= {"grad", "value_and_grad"}:
        raise damaged("its derivatives are no dict of 'grad' and 'value_and_grad'")
    for other in derivatives.values():
        if type(other) is not type(program) or not vars(other):
            raise damaged("a derivative is no program")
        family = list(itertools.islice(other._family(), 101))  # a program may be in it very often
        if len(family) > 100 or program in family:
            raise damaged("it is its own derivative, or has very many")


def _pack(specialization: Specialization, parameters: list[Value]) -> tuple[Any, ...]:
    """A specialization as tuples; its paths refer to parameters by their positions in this list."""
    numbers = {x: i for i, x in enumerate(parameters)}
    paths = [
        (_pack_listing(path.traced), _pack_tree(path.output), [numbers[x] for x in path.parameters])
        for path in specialization.paths
    ]
    return _pack_tree(specialization.signature), specialization.reduced, paths


def _unpack(state: tuple[Any, ...], parameters: list[Value], exact: bool, bound: dict[Value, Value]) -> Specialization:
    """The specialization from its tuples; the passes run again."""
    signature, reduced, paths = state
    specialization = Specialization(_unpack_tree(signature), exact, bound, reduced=reduced)
    for listing, output, numbers in paths:
        traced = Traced(partial(Listing, *listing), _unpack_tree(output), [parameters[i] for i in numbers])
        specialization.add(Path(traced, exact, reduced))
    return specialization


def _pack_listing(listing: Listing) -> tuple[Any, ...]:
    decisive = sorted(listing.decisive)
    return listing.n_inputs, listing.n_parameters, listing.steps, listing.outputs, listing.guards, decisive


def _pack_tree(tree: Tree) -> tuple[Any, ...]:
    if isinstance(tree, Leaf):
        return tuple(tree)
    return tree.kind, tree.keys, [_pack_tree(child) for child in tree.children]


def _unpack_tree(state: tuple[Any, ...]) -> Tree:
    if len(state) == 1:
        return Leaf(*state)
    kind, keys, children = state
    return Branch(kind, keys, tuple([_unpack_tree(child) for child in children]))
