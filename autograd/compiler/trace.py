"""Tracing: a function called once on Values becomes a listing of what it computes."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from functools import partial

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codes import ADD, MULTIPLY, code_of
from autograd.compiler.decisions import find_deciding, find_decisions
from autograd.compiler.ir import Listing
from autograd.derivatives.chain_rule import gradients, made_by
from autograd.engine import Value, compiled, topological_order
from autograd.engine.collector import uncollected
from autograd.engine.state import HERE
from autograd.engine.watch import Tracer, end_watches, watching
from autograd.pytree import Leaf, flatten, unflatten

if TYPE_CHECKING:
    from typing import Any, NoReturn

    from autograd.engine.state import State
    from autograd.engine.watch import Watch
    from autograd.operations.operation import Number
    from autograd.pytree import Tree

    Comparison = tuple[str, Number, Number, bool]  # its operator, operands, and whether it held


@final
class Traced:
    """What a function computes for arguments of one signature, on the path that it took.

    Args:
        make_listing: gives the instructions, as they were recorded. It is called when they are needed.

    Attributes:
        output: the tree of the result. Gradients are not in it.
        parameters: the leaf Values from outside of the function, in the order of their registers.
        recomputes: whether it computes nodes that were recorded outside of the function.
        results: the numbers that the function gave when it was traced, in the order of the listing's outputs.
    """

    def __init__(
        self,
        make_listing: Callable[[], Listing],
        output: Tree,
        parameters: list[Value],
        recomputes: bool = False,
        results: Sequence[float] = (),
    ) -> None:
        self._make_listing = make_listing
        self.output = output
        self.parameters = parameters
        self.recomputes = recomputes
        self.results = list(results)

    @property
    def listing(self) -> Listing:
        """The instructions, as they were recorded."""
        listing = self._make_listing()
        self._make_listing = lambda: listing  # it had the nodes, which are freed now
        return listing


def trace(
    f: Callable[..., Any], numbers: Sequence[float], tree: Tree, *, with_gradients: bool = False, exact: bool = False
) -> Traced:
    """Call f on Values with these numbers, and list what it does.

    A trace records both branches of a where(), and the engine only the taken one. So a trace may add up second
    derivatives in another order than the engine. If f has such derivatives and the trace must be exact, f is traced
    again: with the taken branch only, and with a guard on the condition.

    Args:
        f: the function.
        numbers: the inputs in order.
        tree: how they are nested in the arguments of f.
        with_gradients: the outputs are the result, which must be one Value, and its derivative by each parameter.
        exact: the listing must have the bits of f.

    Raises:
        TypeError: f gives something other than numbers, or reads the number of a Value.
        RuntimeError: f changes modes or numbers in a way that a program cannot follow.
    """
    with uncollected():
        recording, count, traced = Recording(chooses=False), len(HERE.home), None
        try:
            traced = _traced(f, numbers, tree, with_gradients, recording)
            if exact and recording.is_differentiated_again:
                recording, traced = Recording(chooses=True), None
                traced = _traced(f, numbers, tree, with_gradients, recording)
        finally:
            if traced is None:
                end_watches(count)
            recording.forget()
        return traced


def called(f: Callable[..., Any], args: Sequence[Any], advice: str) -> Any:
    """The result of a function; the advice stands in the error if it takes other arguments."""
    try:
        return f(*args)
    except TypeError as error:
        if error.__traceback__.tb_next is None:  # type: ignore[union-attr]  # f was not entered: it takes other arguments
            raise TypeError(f"{error}; {advice}") from error
        raise


def _traced(
    f: Callable[..., Any], numbers: Sequence[float], tree: Tree, with_gradients: bool, recording: Recording
) -> Traced:
    outer = watching()
    with recording:
        inputs = [Value(x) for x in numbers]
        recording.inputs.update(inputs)
        result = called(f, unflatten(tree, inputs), "pass as many arguments as the compiled function takes")
        if not recording.inputs.isdisjoint(topological_order(*recording.others)):
            raise TypeError(
                "a Value of a compiled function was read, compared or changed in another thread; "
                "do that in the thread that calls the function"
            )
        outputs, output = flattened(result)
        compared = [x for _, a, b, _ in recording.guards for x in (a, b) if isinstance(x, Value)]
        check_independent(outer, outputs)
        order = topological_order(*[x for x in outputs if isinstance(x, Value)], *compared)
        before = others(order, recording.own, recording.derived)
        parameters = made_by(before, {None})
        recomputes = len(parameters) < len(before)
        if with_gradients:
            loss = scalar(result, outputs, output)
            outputs = [loss, *(gradients(loss, parameters) if isinstance(loss, Value) else [0.0] * len(parameters))]
            order = topological_order(*[x for x in outputs if isinstance(x, Value)], *compared)
        results = [x._number if isinstance(x, Value) else float(x) for x in outputs]
        known = {*inputs, *parameters}
        leaves = [x for x in made_by(order, {None}) if x not in known]
        constants: dict[Number, float] = {x: x._number for x in leaves}  # they may change later
        make_listing = partial(_listed, order, inputs, parameters, constants, outputs, recording.guards, recording.own)
        return Traced(make_listing, output, parameters, recomputes, results)


def others(order: list[Value], *made: list[Value]) -> list[Value]:
    """The nodes in the order that are in none of the lists."""
    if compiled is not None:
        return compiled.others(order, *made)  # type: ignore[no-any-return]  # Values
    known = {node for nodes in made for node in nodes}
    return [node for node in order if node not in known]


def flattened(result: object) -> tuple[list[Number], Tree]:
    """The numbers that a function gives, and how they are nested."""
    return flatten(result, "compile() takes a function that gives", "return only numbers")


def check_independent(outer: Watch | None, outputs: Sequence[Number]) -> None:
    """Raise TypeError if the outputs depend on what is being differentiated around the function."""
    if outer is not None and any(outer.depends(x) for x in outputs if isinstance(x, Value)):
        raise TypeError(
            "a program that closes over what is being differentiated would lose the gradient in map() and "
            "backward(); call the program for each row"
        )


def scalar(result: object, outputs: list[Number], output: Tree) -> Number:
    """The one number that the function gives; a float is a constant."""
    if output != Leaf() or isinstance(result, bool):
        raise TypeError(
            f"backward() differentiates a program that gives one Value, got {type(result).__name__}; "
            "add them up: autograd.sum"
        )
    return outputs[0]


class Recording(Tracer):
    """Records new leaves and comparisons, and refuses to read numbers.

    Args:
        chooses: record only the taken branch of a where(). When it is differentiated, its condition becomes a guard.
    """

    def __init__(self, *, chooses: bool) -> None:
        self.chooses = chooses
        self.derivatives: set[Number] = set()  # that depend on the branch that a where() takes
        self.is_differentiated_again = False  # whether one of these derivatives is
        self.conditions: set[Value] = set()  # conditions of where() that have a guard
        self.inputs: set[Value] = set()
        self.guards: list[Comparison] = []
        self.others: set[Value] = set()  # read in other threads
        self.own: list[Value] = []  # the nodes that the function made
        self.derived: list[Value] = []  # those that the chain rule made
        self.derives = False

    def forget(self) -> None:
        """Let go of the nodes: an engine may keep the last watch."""
        for nodes in (self.derivatives, self.conditions, self.inputs, self.others):
            nodes.clear()
        self.guards, self.own, self.derived = [], [], []
        self.derives = False

    def within(self, state: State) -> State:
        return False, state[1], self

    @property
    def derives(self) -> bool:
        """Whether the chain rule makes the nodes that are recorded now."""
        return self._derives

    @derives.setter
    def derives(self, derives: bool) -> None:
        self._derives = derives
        nodes = self.derived if derives else self.own
        self.recorded = nodes.append  # type: ignore[method-assign,assignment]  # our own would take most of the time

    def reading(self, node: Value, how: str) -> NoReturn:  # noqa: ARG002  # any node
        """Refuse: the number of this call would be used in every call, and a change would happen only once."""
        refuse_reading(how)

    def read_elsewhere(self, node: Value, how: str) -> None:  # noqa: ARG002  # in any way
        """Remember the node: if that thread works for f, the number of this call would be used in every call."""
        self.others.add(node)

    def compared_elsewhere(self, a: Value, b: object) -> None:
        """Remember the nodes, as those that are read."""
        self.others.update(x for x in (a, b) if isinstance(x, Value))

    def ordered(self, order: list[Value]) -> None:
        """Add guards if only taken branches are recorded: then every call must take them."""
        self.is_differentiated_again |= not self.derivatives.isdisjoint(order)
        for node in order if self.chooses else ():
            condition = node.operands[0] if node.op == "where" else None
            if isinstance(condition, Value) and condition not in self.conditions:
                self.conditions.add(condition)
                self.compared(condition, "!=", 0.0, condition._number != 0.0)

    def chosen(self, derivative: Number) -> None:
        """Remember it: if it is differentiated again, the order of sums depends on the recorded branches."""
        self.derivatives.add(derivative)

    def differentiating(self, *_: object) -> NoReturn:
        """Refuse: a sweep computes numbers, which would be used in every call."""
        refuse_sweep()

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:
        """Add a guard: the function may have branched on this comparison."""
        if isinstance(b, Value):
            self.guards.append((operator, a, b, holds))
        elif (alike := _with_a_float(operator, b)) is not None:
            self.guards.append((alike[0], a, alike[1], holds))


def refuse_reading(how: str) -> NoReturn:
    """Raise TypeError because a function that is traced reads or changes a number of a Value."""
    if how.endswith("="):
        raise TypeError(
            f"{how[:-2]} of a Value is changed within a compiled function, which happens only while tracing; "
            "return the new number, and change the Value outside"
        )
    raise TypeError(
        f"{how} of a Value takes its number out of a compiled function, which runs with other numbers; "
        "use where(), x.detach() and functions of autograd"
    )


def refuse_sweep() -> NoReturn:
    """Raise TypeError because a function that is traced calls backward()."""
    raise TypeError(
        "backward() within a compiled function would give the gradients of one call; "
        "use gradients(y, [x]), or compile(grad(f))"
    )


def _with_a_float(operator: str, b: Any) -> tuple[str, float] | None:
    """The same comparison with a float in place of b; None if the result is the same for all floats."""
    try:
        nearest = float(b)
    except OverflowError:
        nearest = math.inf if b > 0 else -math.inf
    if nearest == b or math.isnan(nearest):
        return operator, nearest
    if operator in ("==", "!="):
        return None
    below = nearest if nearest < b else math.nextafter(nearest, -math.inf)
    return ("<=" if operator in ("<", "<=") else ">"), below


def _listed(
    order: list[Value],
    inputs: list[Value],
    parameters: list[Value],
    constants: dict[Number, float],
    outputs: Sequence[Number],
    comparisons: list[Comparison],
    own: list[Value],
) -> Listing:
    """The listing of a trace.

    Args:
        order: the nodes, operands before results.
        inputs: the leaves that stand for the arguments.
        parameters: the leaves from outside.
        constants: the numbers of all other leaves.
        outputs: the results.
        comparisons: what the guards compare.
        own: the nodes that the function made, which may decide.
    """
    listing = Listing(len(inputs), len(parameters), (), (), ())
    registers: dict[Number, int] = {x: i for i, x in enumerate((*inputs, *parameters))}
    registers.update([(x, listing.constants.operand(number)) for x, number in constants.items()])
    deciding = find_deciding(own, outputs)
    compared = [x for _, a, b, _ in comparisons for x in (a, b)]
    wanted = [
        x for x in (*outputs, *compared, *(x for node in deciding for x in node.operands)) if isinstance(x, Value)
    ]
    listing = listing.with_steps(*list_steps(order, registers, wanted, listing))

    def operand(x: Number) -> int:
        return registers[x] if isinstance(x, Value) else listing.constants.operand(x)

    listing.targets = array("i", map(operand, outputs))
    listing.conditions = [(operator, operand(a), operand(b), holds) for operator, a, b, holds in comparisons]
    listing.decisive = frozenset(find_decisions(listing, deciding, registers))
    return listing


def list_steps(
    order: list[Value], registers: dict[Number, int], wanted: list[Value], listing: Listing
) -> tuple[array[int], array[int], array[int]]:
    """The steps that compute the nodes: their codes, where operands start, and operands.

    Args:
        order: the nodes, operands before results.
        registers: the registers of all leaves, or their operands if they are constants.
        wanted: nodes whose registers are added, if they are in the order.
        listing: has the inputs, parameters and constants; new constants are added.
    """
    constant = listing.constants.operand
    if compiled is not None:
        return compiled.list_steps(order, registers, wanted, listing.first, code_of, constant)  # type: ignore[no-any-return]
    steps = Listing(listing.n_inputs, listing.n_parameters, (), (), ())
    known = registers.copy()
    for node in order:
        if node.op is None:
            continue
        operands = [constant(x) if type(x) is float else known[x] for x in node.operands]
        if node.op == "dot":
            half = len(operands) // 2
            steps.append(MULTIPLY, (operands[0], operands[half]))
            for pair in zip(operands[1:half], operands[half + 1 :]):
                steps.append(MULTIPLY, pair)
                steps.append(ADD, (steps.n_registers - 2, steps.n_registers - 1))
        else:
            steps.append(code_of(str(node.op)), operands)
        known[node] = steps.n_registers - 1
    registers.update([(node, known[node]) for node in wanted if node in known])
    return steps.codes, steps.starts, steps.operands
