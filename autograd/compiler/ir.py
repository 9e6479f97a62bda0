"""A listing: what a traced function computes, as instructions over registers, one after the other."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codes import NAMES, code_of
from autograd.compiler.notation import terms_of, text_of

if TYPE_CHECKING:
    from typing import Union

    Operand = Union[int, float]  # the number of a register; or a constant
    Step = tuple[str, tuple[Operand, ...]]  # the name of an operation, or "dot"; its operands
    Guard = tuple[str, Operand, Operand, bool]  # a comparison, and its result when it was traced

COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")
"""In the order of Python's C interface."""


ONE, MINUS_ONE, MINUS_ZERO = ~0, ~1, ~2
"""The operands of 1.0, -1.0 and -0.0, which are constants of every listing."""


@final
class Constants:
    """The constants of a listing. Two numbers with the same bits share one place.

    Listings that are made of another one share its constants. A pass that needs new ones adds them to a copy.
    """

    __slots__ = ("_places", "numbers")

    def __init__(self) -> None:
        self.numbers = array("d", (1.0, -1.0, -0.0))
        self._places = {_bits_of(number): place for place, number in enumerate(self.numbers)}

    def __copy__(self) -> Constants:
        constants = object.__new__(Constants)
        constants.numbers, constants._places = self.numbers[:], self._places.copy()
        return constants

    def operand(self, number: float) -> int:
        """The operand that stands for a number: ~k for the k-th constant."""
        bits = _bits_of(number)
        place = self._places.get(bits)
        if place is None:
            place = self._places[bits] = len(self.numbers)
            self.numbers.append(number)
        return ~place


_bits_of = struct.Struct("d").pack  # as a key in a dict: 0.0 == -0.0, and nan != nan


@final
class Listing:
    """Instructions in static single assignment: each puts a number into a register of its own.

    The registers are numbered: first the inputs, then the parameters, then the steps. A step is named after its
    operation in the table. One name is not in the table: "dot" takes a number and any count of pairs of factors,
    a + b * c + d * e + ..., added up from left to right.

    The passes read and write flat arrays of integers: an operand is the number of a register, or ~k for the k-th
    constant; the operands of the i-th step are operands[starts[i] : starts[i + 1]], and codes[i] is the number of its
    name. For other readers, `steps`, `outputs` and `guards` have names, and constants as floats.

    Args:
        n_inputs: how many numbers it takes for each row.
        n_parameters: how many numbers it takes that are the same for all rows.
        steps: the instructions.
        outputs: the registers, or constants, of the results.
        guards: comparisons with their results in the trace. With another result, the function takes another path.
        decisive: registers that must have the bits of the function, see `decisions.py`; so must those of the guards.

    Attributes:
        targets: the operands of the results.
        conditions: the guards, with operands.
    """

    __slots__ = (
        "codes", "conditions", "constants", "decisive", "n_inputs", "n_parameters", "operands", "starts", "targets"
    )  # fmt: skip

    def __init__(
        self,
        n_inputs: int,
        n_parameters: int,
        steps: Iterable[Step],
        outputs: Iterable[Operand],
        guards: Iterable[Guard],
        decisive: Iterable[int] = (),
    ) -> None:
        self.n_inputs = n_inputs
        self.n_parameters = n_parameters
        self.constants = Constants()
        self.codes, self.starts, self.operands = array("i"), array("i", [0]), array("i")
        for name, operands in steps:
            self.append(code_of(name), [*map(self.operand, operands)])
        self.targets = array("i", map(self.operand, outputs))
        self.conditions = [(name, self.operand(a), self.operand(b), holds) for name, a, b, holds in guards]
        self.decisive = frozenset(decisive)

    def with_steps(self, codes: array[int], starts: array[int], operands: array[int]) -> Listing:
        """A listing with the same inputs, constants and results, and other steps."""
        listing = copy(self)
        listing.codes, listing.starts, listing.operands = codes, starts, operands
        return listing

    def append(self, code: int, operands: Sequence[int]) -> None:
        """Add a step, whose register becomes the last one."""
        self.codes.append(code)
        self.operands.extend(operands)
        self.starts.append(len(self.operands))

    def step(self, x: int) -> tuple[int, array[int]]:
        """The number of the name of the step of a register, and its operands."""
        i = x - self.first
        return self.codes[i], self.operands[self.starts[i] : self.starts[i + 1]]

    def operand(self, x: Operand) -> int:
        """The operand that stands for the number of a register, or for a constant."""
        return x if type(x) is int else self.constants.operand(x)

    def number(self, x: int) -> Operand:
        """What an operand stands for: the number of a register, or a constant."""
        return x if x >= 0 else self.constants.numbers[~x]

    @property
    def first(self) -> int:
        """The register of the first step."""
        return self.n_inputs + self.n_parameters

    @property
    def n_registers(self) -> int:
        """How many registers there are: those of the inputs, of the parameters and of the steps."""
        return self.n_inputs + self.n_parameters + len(self.codes)

    @property
    def results(self) -> list[int]:
        """What must be computed: the operands of the outputs and of the guards."""
        return [*self.targets, *(x for _, a, b, _ in self.conditions for x in (a, b))]

    @property
    def steps(self) -> list[Step]:
        """The instructions, each with the name of its operation, registers and constants."""
        starts, numbers = self.starts, [*map(self.number, self.operands)]
        return [(NAMES[code], tuple(numbers[a:b])) for code, a, b in zip(self.codes, starts, starts[1:])]

    @property
    def outputs(self) -> list[Operand]:
        """The registers, or constants, of the results."""
        return [*map(self.number, self.targets)]

    @property
    def guards(self) -> list[Guard]:
        """The comparisons, with registers and constants."""
        return [(name, self.number(a), self.number(b), holds) for name, a, b, holds in self.conditions]

    def __len__(self) -> int:
        return len(self.codes)

    def places(self) -> array[int]:
        """The registers, as renumbered() takes them; those of the steps are still to be set."""
        return array("i", range(self.first)) + array("i", bytes(4 * len(self)))

    def renumbered(self, places: Sequence[int]) -> Listing:
        """A listing whose results have other operands: places has the new one for each register."""
        listing = copy(self)
        listing.targets = array("i", [x if x < 0 else places[x] for x in self.targets])
        listing.conditions = [
            (name, a if a < 0 else places[a], b if b < 0 else places[b], holds) for name, a, b, holds in self.conditions
        ]
        listing.decisive = frozenset([places[x] for x in self.decisive if places[x] >= 0])
        return listing

    def with_parameters(self, count: int, numbers: list[int]) -> Listing:
        """The same listing for a longer list of parameters; numbers has the positions of its own parameters there."""
        n = self.n_inputs
        places = [*range(n), *(n + k for k in numbers), *range(n + count, n + count + len(self))]
        operands = array("i", [x if x < 0 else places[x] for x in self.operands])
        listing = self.with_steps(self.codes, self.starts, operands).renumbered(places)
        listing.n_parameters = count
        return listing

    def fingerprint(self) -> str:
        """A digest of all that it computes: the same for the same instructions, in every process."""
        import hashlib  # lazy: it loads OpenSSL, and few programs need it

        return hashlib.sha256(repr((self.n_inputs, self.n_parameters, str(self))).encode()).hexdigest()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        name = self.name
        for i, (operation, operands) in enumerate(self.steps, self.first):
            is_sum = operation == "dot"
            text = " + ".join(terms_of(operands, name)) if is_sum else text_of(operation, list(map(name, operands)))
            yield f"v{i} = {text}"
        for operator, a, b, holds in self.guards:
            condition = f"{name(a)} {operator} {name(b)}"
            yield f"guard {condition}" if holds else f"guard not {condition}"
        yield f"return {', '.join(map(name, self.outputs))}"

    def name(
        self,
        operand: Operand,
        inputs: str = "x{}",
        parameters: str = "p{}",
        constant: Callable[[float], str] = repr,
    ) -> str:
        """The name of an operand: x0 for an input, p0 for a parameter, v9 for a step; the digits of a constant.

        Generated code passes its own names for inputs and parameters, with {} for the number, and its own digits.
        """
        if isinstance(operand, float):
            return constant(operand)
        if operand < self.n_inputs:
            return inputs.format(operand)
        return parameters.format(operand - self.n_inputs) if operand < self.first else f"v{operand}"


NOT_TRACED = "the program was not traced yet; call it once, because the trace depends on the arguments"


def text_of_traces(known: list[tuple[Listing, Listing]]) -> str:
    """The traces of a program as text, each as it was traced and as it is run; of many, the first."""
    texts = []
    if len(known) > _SHOWN:
        count = sum(len(listing) for _, listing in known)
        texts = [f"# the first of {len(known)} traces with {count} instructions; all are in .listings", ""]
    for traced, listing in known if len(known) <= _SHOWN else known[:1]:
        texts += [f"# {len(traced)} instructions as traced", str(traced), ""]
        texts += [f"# {len(listing)} instructions as run", str(listing), ""]
    return "\n".join(texts).rstrip()


_SHOWN = 4  # so many traces are shown in full
