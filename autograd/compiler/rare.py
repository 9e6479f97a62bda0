"""Rows on rare paths: the function itself runs on Values, because a trace of the path would take longer.

A trace takes as long as running the function for some hundred rows. So each path beyond the first few must be paid for:
by rows for which the function ran, or that wait to be computed. All together then takes at most about twice as long as
running the function for each row. For the same reason few rows are tried on few paths only.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import cast
from weakref import ref

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.trace import Recording, check_independent, flattened, refuse_reading, refuse_sweep, scalar
from autograd.derivatives.anomaly import calling_line, is_of_user
from autograd.derivatives.transforms import is_derivative
from autograd.engine import Value, derivatives
from autograd.engine.state import HERE
from autograd.engine.watch import Watch, end_watches, watching
from autograd.pytree import Leaf, array, leaves, unflatten

if TYPE_CHECKING:
    from typing import Any, NoReturn

    from autograd.compiler.ir import Guard
    from autograd.engine.state import State
    from autograd.operations.operation import Number
    from autograd.pytree import Branch, Tree

    Make = Callable[[Sequence[float]], Any]  # gives the arguments of a row as Values, see maker()

FREE = 4
"""How many paths are traced without waiting for more rows, for each structure of the arguments."""

TRIED = 8
"""How many paths are tried even for one row of a short function."""

ROWS_BEFORE_WARNING = 50

_NUMBER = Leaf()


def most_paths(count: int, n_steps: int) -> int:
    """How many paths of so many steps are worth a try for so many rows, before the function itself runs."""
    return min(64, TRIED + n_steps // 50 + count // 4)


def is_worth_a_trace(n_paths: int, most: int, n_run: int, count: int) -> bool:
    """Whether to trace a path of some rows.

    Args:
        n_paths: how many paths are known.
        most: how many are worth a try for these rows.
        n_run: for how many rows the function ran so far.
        count: how many rows wait, after they failed on the known paths.
    """
    return n_paths < FREE or (n_paths < most and n_run + count >= 100 * n_paths**2)


# --------------------------------------------------------------------------- the function runs


@final
class _Running(Watch):
    """Holds while a function runs in place of its trace: it refuses what a trace refuses.

    Args:
        records: put the new nodes in a list, which takes as long as making them.
        wants_numbers: the function is a derivative, and its result is not differentiated.
    """

    traces = True
    inspects = True

    def __init__(self, *, records: bool = False, wants_numbers: bool = False) -> None:
        self.records = records
        self.wants_numbers = wants_numbers
        self.nodes: list[Value] = []

    def within(self, state: State) -> State:
        return False, state[1], self

    def recorded(self, node: Value) -> None:
        self.nodes.append(node)

    def reading(self, node: Value, how: str) -> NoReturn:  # noqa: ARG002  # any node
        refuse_reading(how)

    def differentiating(self, *_: object) -> NoReturn:
        refuse_sweep()


def _within(watch: Watch, function: Callable[[], Any]) -> Any:
    """The result of a function, for which the watch holds. After an exception, the modes that it entered are left."""
    count, is_done = len(HERE.home), False
    try:
        with watch:
            result = function()
        is_done = True
    finally:
        if not is_done:
            end_watches(count)
    return result


def maker(signature: Tree) -> Make:
    """A function that gives the arguments for the numbers of a row, as Values."""
    parts, start = [], 0
    for child in cast("Branch", signature).children:
        size = sum(leaf.size for leaf in leaves(child))
        parts.append((start, start + size, _builder(child)))
        start += size

    def make(numbers: Sequence[float]) -> list[Any]:
        values: list[Any] = list(map(Value, numbers))
        return [build(values[begin:end]) for begin, end, build in parts]

    return make


def _builder(tree: Tree) -> Callable[[list[Any]], Any]:
    """A function that nests Values like an argument."""
    if isinstance(tree, Leaf):
        return itemgetter(0) if tree.shape is None else partial(array, shape=tree.shape)
    is_plain = tree.kind is list and all(child == _NUMBER for child in tree.children)
    return list if is_plain else partial(unflatten, tree)


def run(f: Callable[..., Any], rows: Iterable[Sequence[float]], make: Make) -> tuple[list[list[float]], list[Tree]]:
    """The results of a function for each row, as numbers and as trees."""
    results: list[list[float]] = []
    trees: list[Tree] = []
    outer = watching()

    def run_each() -> None:
        for numbers in rows:
            result = f(*make(numbers))
            outputs, tree = ([result], _NUMBER) if type(result) is Value else flattened(result)
            if outer is not None:
                check_independent(outer, outputs)
            results.append([x._number if isinstance(x, Value) else x for x in outputs])
            trees.append(tree)

    _within(_Running(wants_numbers=outer is None and is_derivative(f)), run_each)
    return results, trees


def run_and_differentiate(
    f: Callable[..., Any], rows: Sequence[Sequence[float]], make: Make, known: Iterable[Value], n_steps: int
) -> tuple[float, dict[Value, float]]:
    """The sum of the results of all rows, and its derivative by each leaf Value from outside of the function.

    Args:
        known: leaves that are known to be from outside.
        n_steps: about how many nodes there are for a row. One sweep serves several rows, unless they have many nodes.
    """
    known = set(known)
    size = max(1, min(32, 20_000 // max(1, n_steps)))
    total = 0.0
    sums: dict[Value, float] = {}
    for i in range(0, len(rows), size):
        part, by_known, others = _differentiate(f, rows[i : i + size], make, known)
        alive = {x: slope for x, slope in ((reference(), slope) for reference, slope in others) if x is not None}
        if alive:  # most leaves that f makes do not outlive the graph
            outside = _outer_leaves(f, rows[i : i + size], make)
            known |= outside
            by_known.update((x, slope) for x, slope in alive.items() if x in outside)
        total += part
        for x, slope in by_known.items():
            sums[x] = sums.get(x, -0.0) + slope  # -0.0 + slope is slope, also if that is -0.0
    return total, sums


def _differentiate(
    f: Callable[..., Any], rows: Sequence[Sequence[float]], make: Make, known: Container[Value]
) -> tuple[float, dict[Value, float], list[tuple[ref[Value], float]]]:
    """The sum of the results, its derivatives by known leaves, and those by others, which may end here."""
    loss = _sum(_Running(), f, rows, make)
    if not isinstance(loss, Value):
        return loss, {}, []
    slopes = derivatives(loss)
    others = [(ref(x), slope) for x, slope in slopes.items() if x not in known]
    return loss._number, {x: slope for x, slope in slopes.items() if x in known}, others


def _outer_leaves(f: Callable[..., Any], rows: Sequence[Sequence[float]], make: Make) -> set[Value]:
    """The leaves from outside that the results depend on."""
    running = _Running(records=True)
    loss = _sum(running, f, rows, make)
    slopes = derivatives(loss) if isinstance(loss, Value) else {}
    return set(slopes).difference(running.nodes)


def _sum(running: _Running, f: Callable[..., Any], rows: Iterable[Sequence[float]], make: Make) -> Number:
    """The sum of the results."""
    outer = watching()

    def add() -> Number:
        total: Number = 0.0
        for numbers in rows:
            loss = f(*make(numbers))
            if type(loss) is not Value or outer is not None:
                outputs, tree = flattened(loss)
                check_independent(outer, outputs)
                loss = scalar(loss, outputs, tree)
            total = total + loss
        return total

    return _within(running, add)  # type: ignore[no-any-return]


# --------------------------------------------------------------------------- the warning


@final
class Warner:
    """Warns once that a function takes many paths.

    Attributes:
        is_done: whether it has.
    """

    def __init__(self) -> None:
        self.is_done = False

    def warn(self, f: Callable[..., Any], numbers: Sequence[float], make: Make, known: list[list[Guard]]) -> None:
        """Name the comparison by which a row leaves the known paths.

        Args:
            f: the function.
            numbers: the row.
            known: the guards of each known path.
        """
        comparing = _Comparing(known)
        _within(comparing, lambda: f(*make(numbers)))
        lines = comparing.lines.most_common(1)  # none if the condition of a where() is a guard
        remedy = (
            f"instead of branching at {lines[0][0]}, write where(), maximum() or relu()"
            if lines
            else "without exact=True, where() makes no paths"
        )
        warnings.warn(
            f"the function takes more than {len(known)} paths, so rows on others run it on Values; {remedy}",
            stacklevel=_depth(),
        )
        self.is_done = True


@final
class _Comparing(Recording):
    """Finds the lines whose comparisons have other results than on known paths."""

    def __init__(self, known: list[list[Guard]]) -> None:
        super().__init__(chooses=False)
        self.lines: Counter[str] = Counter()
        self._same = known

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:
        i = len(self.guards)
        super().compared(a, operator, b, holds)
        if i == len(self.guards):
            return
        same = [guards for guards in self._same if i < len(guards) and guards[i][::3] == (operator, holds)]
        if len(same) < len(self._same):
            self.lines[calling_line()] += len(self._same) - len(same)
        self._same = same


def _depth() -> int:
    """The stacklevel for a warning at the caller's line that is outside of the package."""
    depth = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and not is_of_user(frame):
        frame = frame.f_back
        depth += 1
    return depth
