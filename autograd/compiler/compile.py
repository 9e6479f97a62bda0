"""compile(f): the program of a function."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, overload

    from autograd.compiler.program import Program
    from autograd.engine import Value

if TYPE_CHECKING:

    @overload
    def compile(
        f: Callable[..., Any], *, exact: bool = False, target: str | None = None, parameters: Iterable[Value] = ()
    ) -> Program: ...
    @overload
    def compile(
        *, exact: bool = False, target: str | None = None, parameters: Iterable[Value] = ()
    ) -> Callable[[Callable[..., Any]], Program]: ...


def compile(f: Any = None, *, exact: bool = False, target: str | None = None, parameters: Iterable[Value] = ()) -> Any:
    """A program that computes what f computes, but faster: f is traced once on Values, and the trace is replayed.

    It is also a decorator, as `@compile` or `@compile(exact=True)`.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives such a structure. Leaf
            Values that it closes over become parameters: their `.data` is read at every call.
        exact: give the same bits as f for each row. Otherwise a sum of products may skip the rounding of each product,
            and elementary functions of many rows are exact to 4 ulp; but the branches are those of f. In both cases,
            sums over rows may be added up in another order.
        target: "c" lets the C compiler of the system make machine code at the first call, which takes a second or more.
            The code is kept in files, so later processes load it. Calls are several times faster then, buffers most of
            all. Needs the compiled engine. Without it, programs run by a switch over instructions, which needs nothing.
        parameters: leaf Values that come first in `Program.parameters`, in this order, such as `model.parameters()`.
            Without it, the order is that in which f uses them.

    The first call gives what the trace has computed. The instructions are made at the next use of the program.

    If the arguments are nested differently, f is traced again. A comparison of Values becomes a guard: every replay
    checks it, and if it fails, f is traced again for the other branch; if there are many branches, rows on rare ones
    run f itself. Side effects of f run only then, and while it is traced. Everything that f uses from outside is a
    constant, except Values.

    Raises:
        RuntimeError: target is "c", and there is no C compiler, or the compiled engine was not built.
        ValueError: another target, or a parameter is the result of an operation.
        TypeError: f is not a function, or a parameter is not a Value. At a call: f reads the number of a Value, by
            `.data`, float(), int() or bool(), or gives something other than numbers.

    >>> from autograd import Value, compile
    >>> w = Value(3.0)
    >>> p = compile(lambda x: w * x * x)
    >>> p(2.0), p.grad(2.0)
    (12.0, 12.0)
    >>> w.data = 5.0
    >>> p.map([1.0, 2.0]).tolist()
    [5.0, 20.0]
    """
    if target not in (None, "c"):
        raise ValueError(f"compile() has the target 'c' for machine code, got {target!r}; leave it out for none")
    if f is None:
        return functools.partial(compile, exact=exact, target=target, parameters=parameters)
    if not callable(f):
        raise TypeError(f"compile() takes a function, got {type(f).__name__}; wrap it: compile(lambda x: ...)")
    from autograd.compiler.parameters import checked_parameters  # lazy: it loads the compiler
    from autograd.compiler.program import Program  # lazy: it loads the compiler

    return Program(f, exact, target or "", checked_parameters("compile", parameters))
