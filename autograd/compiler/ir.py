"""A listing: what a traced function computes, as instructions over registers, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograd._typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from typing import Union

    Operand = Union[int, float]  # the number of a register; or a constant
    Step = tuple[str, tuple[Operand, ...]]  # the name of a row, or "dot"; its operands
    Guard = tuple[str, Operand, Operand, bool]  # a comparison, and what it gave when it was traced

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
"""The rows that are written between their operands."""

COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")
"""In the order of Python's C interface."""


@final
class Listing:
    """Instructions, each of which puts a number into a register of its own.

    The registers are numbered: first the inputs, then the parameters, then the steps. The names of steps are those of
    the rows of the table; one that is not in it, "dot", takes a number and pairs of factors, as many as there are:
    a + b * c + d * e + ..., added up from left to right.

    Args:
        n_inputs: how many numbers it takes for each row.
        n_parameters: how many it takes for all rows together.
        steps: the instructions.
        outputs: the registers, or constants, of the results.
        guards: the comparisons that must hold, or not hold, for the listing to be what the function computes.
    """

    __slots__ = ("guards", "n_inputs", "n_parameters", "outputs", "steps")

    def __init__(
        self, n_inputs: int, n_parameters: int, steps: list[Step], outputs: list[Operand], guards: list[Guard]
    ) -> None:
        self.n_inputs = n_inputs
        self.n_parameters = n_parameters
        self.steps = steps
        self.outputs = outputs
        self.guards = guards

    @property
    def first(self) -> int:
        """The register of the first step."""
        return self.n_inputs + self.n_parameters

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def rebuilt(
        self, steps: list[Step], places: Sequence[Operand] | Mapping[int, Operand], n_parameters: int | None = None
    ) -> Listing:
        """The listing with other steps, of which places has the registers, by those of before."""

        def moved(x: Operand) -> Operand:
            return x if type(x) is float else places[x]  # type: ignore[index]

        n_parameters = self.n_parameters if n_parameters is None else n_parameters
        guards = [(operator, moved(a), moved(b), holds) for operator, a, b, holds in self.guards]
        return Listing(self.n_inputs, n_parameters, steps, [moved(x) for x in self.outputs], guards)

    def with_parameters(self, count: int, numbers: list[int]) -> Listing:
        """The same for a longer list of parameters, in which its own have these numbers."""
        n = self.n_inputs
        steps = range(n + count, n + count + len(self.steps))
        places: list[Operand] = [*range(n), *(n + k for k in numbers), *steps]
        moved = [(name, tuple([x if type(x) is float else places[x] for x in xs])) for name, xs in self.steps]  # type: ignore[index]
        return self.rebuilt(moved, places, count)

    def fingerprint(self) -> str:
        """A digest of all that it computes: the same for the same instructions, in whatever process."""
        import hashlib  # lazy: few programs are told apart

        return hashlib.sha256(repr((self.n_inputs, self.n_parameters, str(self))).encode()).hexdigest()

    def _lines(self) -> Iterator[str]:
        for i, (name, operands) in enumerate(self.steps, self.first):
            yield f"v{i} = {self._call(name, [self.name(x) for x in operands])}"
        for operator, a, b, holds in self.guards:
            condition = f"{self.name(a)} {operator} {self.name(b)}"
            yield f"guard {condition}" if holds else f"guard not {condition}"
        yield f"return {', '.join(map(self.name, self.outputs))}"

    def _call(self, name: str, operands: list[str]) -> str:
        if name in INFIX:
            return f"{operands[0]} {INFIX[name]} {operands[1]}"
        if name == "negative":
            return f"-{operands[0]}"
        if name == "dot":
            products = [f"{b} * {c}" if c != "1.0" else b for b, c in zip(operands[1::2], operands[2::2])]
            return " + ".join([*([] if operands[0] == "-0.0" else operands[:1]), *products])
        return f"{name}({', '.join(operands)})"

    def name(self, operand: Operand) -> str:
        """How an operand is called: x0 an input, p0 a parameter, v9 the result of a step; or its digits."""
        if isinstance(operand, float):
            return repr(operand)
        if operand < self.n_inputs:
            return f"x{operand}"
        return f"p{operand - self.n_inputs}" if operand < self.first else f"v{operand}"
