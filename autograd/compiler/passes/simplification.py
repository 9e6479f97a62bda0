"""The first pass: fold constants, and compute nothing twice. It keeps every bit."""

from __future__ import annotations

from array import array
from copy import copy

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codes import (
    ADD,
    DIVIDE,
    DIVIDE_BY_EXP,
    LOG_MAGNITUDE,
    MULTIPLY,
    NAMES,
    NEGATIVE,
    STOP_GRADIENT,
    SUBTRACT,
    code_of,
    marked,
)
from autograd.compiler.folding import COMMUTATIVE, RULES, folded
from autograd.compiler.passes.pointers import floats, integers, small
from autograd.operations.floats import log_magnitude

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing


def simplify(listing: Listing) -> Listing:
    """Fold constants, and use the first of several steps with the same operation and operands, in one sweep.

    Constant folding computes steps whose operands are all constants, leaves out comparisons of constants, and uses x in
    place of x * 1.0; `folding.py` has the rules. Signs and factors of 2 move into constants: see _Simplifier.
    """
    first = listing.first
    simplifier = _Simplifier(listing)
    renumbered = listing.places()
    places = integers(renumbered)
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    for i in range(len(listing)):
        start, end = starts[i], starts[i + 1]
        if end - start > 2:
            long = [x if x < 0 else places[x] for x in operands[start:end]]
            places[first + i] = simplifier.add_long(codes[i], long)
            continue
        a, b = operands[start], operands[end - 1]
        a, b = a if a < 0 else places[a], b if b < 0 else places[b]
        places[first + i] = simplifier.add(codes[i], a, b, end - start)
    short = simplifier.listing(listing).renumbered(renumbered)
    short.conditions = [condition for condition in short.conditions if condition[1] >= 0 or condition[2] >= 0]
    return short


@final
class _Simplifier:
    """The steps so far.

    A negative, and a sum x + x, become products with constants, or parts of other steps, where these give the same
    bits: a + -b is a - b; -(x + x) is x * -2.0; and c * (x + x) is x * 2c if |c| >= 1. For other c, x + x may overflow
    where x * 2c does not.

    Attributes:
        numbers: those of the constants.
        count, used: how many steps there are, and how many operands they have.
        is_new: whether the step that was asked for last was not there before.
        known: a hash table with open addressing of the steps; 0 for none.
        negated: for a register that is -x: x; -1 for others.
        scaled, scale: for a register that is x + x or x * c: x, and 2.0 or c; -1 for others.
    """

    def __init__(self, listing: Listing) -> None:
        room = 2 * len(listing) + 1  # a step may become two
        registers = listing.first + room
        self.constants = copy(listing.constants)
        self.numbers = floats(self.constants.numbers)
        self.first = listing.first
        self.count = self.used = 0
        self.is_new = False
        self.mask = (1 << room.bit_length()) - 1
        self.steps = array("i", bytes(4 * room)), array("i", bytes(4 * room)), array("i", bytes(8 * room))
        self.steps[2].extend(listing.operands)  # it is at least as long as the operands can become
        self.tables = array("i", bytes(4 * self.mask + 4)), array("i", [-1]) * registers, array("i", [-1]) * registers
        self.scales = array("d", bytes(8 * registers))
        self.marks = marked(set(RULES)), marked(COMMUTATIVE)
        self.codes, self.starts, self.operands = (
            integers(self.steps[0]), integers(self.steps[1]), integers(self.steps[2])
        )  # fmt: skip
        self.known, self.negated, self.scaled = (
            integers(self.tables[0]), integers(self.tables[1]), integers(self.tables[2])
        )  # fmt: skip
        self.scale = floats(self.scales)
        self.is_ruled, self.is_commutative = small(self.marks[0]), small(self.marks[1])

    def listing(self, before: Listing) -> Listing:
        """A listing of these steps."""
        codes, starts, operands = self.steps
        del codes[self.count :], starts[self.count + 1 :], operands[self.used :]
        listing = before.with_steps(codes, starts, operands)
        listing.constants = self.constants
        return listing

    def add(self, code: int, a: int, b: int, n: int) -> int:
        """Add a step of one or two operands, unless its result is known; gives the operand that has it.

        Args:
            code: its operation.
            a, b: its first and its last operand.
            n: how many it has.
        """
        if self.may_fold(code, a, b):
            return self.add_folded(code, [a, b][:n])
        return self.add_simple(code, a, b, n)

    def may_fold(self, code: int, a: int, b: int) -> bool:
        """Whether folded() may change a step: a number that leaves the other operand as it is stands on its right."""
        if a >= 0 and b >= 0:
            return code == STOP_GRADIENT
        if self.is_ruled[code] or (a < 0 and b < 0):
            return True
        if a < 0 and not self.is_commutative[code]:
            return False
        x = abs(self.number(a if a < 0 else b))
        return x == 1.0 or x == 0.0

    def number(self, x: int) -> float:
        return self.numbers[~x]

    def add_long(self, code: int, operands: list[int]) -> int:
        """Add a step of more than two operands."""
        if code == DIVIDE_BY_EXP and self.is_quotient(operands):
            return self.add(DIVIDE, operands[1], operands[2], 2)
        folds = self.is_ruled[code] > 0
        for x in operands:
            folds = folds or x < 0
        return self.add_folded(code, operands) if folds else self.place_long(code, operands)

    def add_folded(self, code: int, operands: list[int]) -> int:
        """Add a step that may have a simpler form."""
        numbers = tuple([x if x >= 0 else self.number(x) for x in operands])
        name, numbers = folded(NAMES[code], numbers)
        operands = [x if type(x) is int else self.constant(x) for x in numbers]
        if not name:
            return operands[0]
        if len(operands) > 2:
            return self.place_long(code_of(name), operands)
        return self.add_simple(code_of(name), operands[0], operands[-1], len(operands))

    def is_quotient(self, operands: list[int]) -> bool:
        """Whether divide_by_exp(a, b, c) is b/c, because a is log|c|."""
        a, _, c = operands
        if a < 0:
            return c < 0 and self.number(a) == log_magnitude(self.number(c))
        step = a - self.first
        return step >= 0 and self.codes[step] == LOG_MAGNITUDE and self.operands[self.starts[step]] == c

    def add_simple(self, code: int, a: int, b: int, n: int) -> int:
        """Add a step that needs no folding, with fewer negatives and factors of 2."""
        if code == NEGATIVE:
            if self.negated[a] >= 0:
                return self.negated[a]
            if self.scaled[a] >= 0:
                return self.place(MULTIPLY, self.scaled[a], self.constant(-self.scale[a]), 2)
        elif code == SUBTRACT and b >= 0 and self.negated[b] >= 0:
            return self.place(ADD, a, self.negated[b], 2)
        elif code == ADD and a != b:
            if b >= 0 and self.negated[b] >= 0:
                return self.place(SUBTRACT, a, self.negated[b], 2)
            if a >= 0 and self.negated[a] >= 0:
                return self.place(SUBTRACT, b, self.negated[a], 2)
        elif code == MULTIPLY:
            return self.add_multiple(max(a, b), min(a, b), a, b) if a < 0 or b < 0 else self.add_product(a, b)
        return self.place(code, a, b, n)

    def add_multiple(self, x: int, constant: int, a: int, b: int) -> int:
        """Add the product of a register x and a constant, which are a and b in either order."""
        number = self.number(constant)
        if self.negated[x] >= 0:
            return self.place(MULTIPLY, self.negated[x], self.constant(-number), 2)
        if self.scaled[x] >= 0 and self.scale[x] == 2.0 and 1.0 <= abs(number) < _HALF:
            return self.place(MULTIPLY, self.scaled[x], self.constant(2.0 * number), 2)
        return self.place(MULTIPLY, a, b, 2)

    def add_product(self, a: int, b: int) -> int:
        """Add the product of two registers: the sign of one may move into the constant of the other."""
        not_a, not_b = self.negated[a], self.negated[b]
        if not_a >= 0 and not_b >= 0:
            return self.place(MULTIPLY, not_a, not_b, 2)
        if not_a >= 0 and self.scaled[b] >= 0:
            opposite = self.add(MULTIPLY, self.scaled[b], self.constant(-self.scale[b]), 2)
            return self.place(MULTIPLY, not_a, opposite, 2)
        if not_b >= 0 and self.scaled[a] >= 0:
            opposite = self.add(MULTIPLY, self.scaled[a], self.constant(-self.scale[a]), 2)
            return self.place(MULTIPLY, not_b, opposite, 2)
        return self.place(MULTIPLY, a, b, 2)

    def constant(self, number: float) -> int:
        x = self.constants.operand(number)
        self.numbers = floats(self.constants.numbers)  # they may have moved
        return x

    def place(self, code: int, a: int, b: int, n: int) -> int:
        """The register of a step with one or two operands; a new one if there is no such step."""
        self.operands[self.used] = a
        self.operands[self.used + n - 1] = b
        place = self.find(code, n)
        if self.is_new:
            if code == NEGATIVE:
                self.negated[place] = a
            elif code == ADD and a == b:
                self.scaled[place], self.scale[place] = a, 2.0
            elif code == MULTIPLY and a < 0:
                self.scaled[place], self.scale[place] = b, self.number(a)
            elif code == MULTIPLY and b < 0:
                self.scaled[place], self.scale[place] = a, self.number(b)
        return place

    def place_long(self, code: int, operands: list[int]) -> int:
        """The register of a step with any count of operands."""
        k = self.used
        for x in operands:
            self.operands[k] = x
            k += 1
        return self.find(code, len(operands))

    def find(self, code: int, n: int) -> int:
        """The register of a step whose operands stand behind those of all steps: it is one of them, or becomes one."""
        operands, used = self.operands, self.used
        mixes = n == 2 and self.is_commutative[code] and operands[used] >= 0 and operands[used + 1] >= 0
        a, b = operands[used], operands[used + n - 1]
        low, high = (min(a, b), max(a, b)) if mixes else (a, b)
        place = ((code * 31 + low) * 1000003 ^ high * 8191) & 0xFFFFFFFFFFFF
        for k in range(used + 1, used + n - 1):
            place = ((place & 0xFFFFFFF) * 1000003) ^ operands[k]
        place = (place ^ place >> 17) & self.mask
        while self.known[place]:
            step = self.known[place] - 1
            start = self.starts[step]
            if self.codes[step] == code and self.starts[step + 1] - start == n:
                k = 0
                while k < n and operands[start + k] == operands[used + k]:
                    k += 1
                if k == n or (mixes and operands[start] == b and operands[start + 1] == a):
                    self.is_new = False
                    return self.first + step
            place = (place + 1) & self.mask
        self.known[place] = self.count + 1
        self.codes[self.count] = code
        self.count += 1
        self.used = used + n
        self.starts[self.count] = self.used
        self.is_new = True
        return self.first + self.count - 1


_HALF = 2.0**1023  # twice this is infinite
