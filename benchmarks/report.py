"""Tables of what was measured, in Markdown, which is also readable in a terminal."""

import math
import platform
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

OURS = ("valuegrad_native", "valuegrad_reference", "valuegrad_compiled", "valuegrad_buffer", "valuegrad_machine_code")
MAIN = ("step", "import", "bytes per operation")  # the quantities that ratios are made of
UNITS = {
    "step": "ms",
    "forward": "ms",
    "free": "ms",
    "backward": "ms",
    "update": "ms",
    "backward per node": "ns",
    "compile": "ms",
    "bare": "ms",
    "import": "ms",
    "bytes per operation": "",
}


class Target(NamedTuple):
    """A bound: on a quantity of a peer, or on how many times as much of it a rival takes.

    The rival may do another workload, rival_workload.
    """

    workload: str
    quantity: str
    peer: str
    rival: str | None
    bound: float
    rival_workload: str | None = None

    def measured(self, results):
        """The quantity; None if there is no measurement of a peer it needs."""
        ours = results.get(self.workload, {}).get(self.peer, {}).get(self.quantity)
        if self.rival is None:
            return ours
        if self.rival_workload:  # measured in other rounds, so take the ratio of the medians
            theirs = results.get(self.rival_workload, {}).get(self.rival, {}).get(self.quantity)
            return theirs / ours if theirs and ours else None
        return ratio(results.get(self.workload, {}), self.rival, self.peer, self.quantity)

    def reached(self, measured):
        return measured >= self.bound if self.rival else measured <= self.bound

    def __str__(self):
        if self.rival:
            where = f" in {self.rival_workload}" if self.rival_workload else ""
            return f"{self.workload}: {self.rival}{where} takes >= {self.bound:,g} times as long as {self.peer}"
        return f"{self.workload}: {self.quantity} of {self.peer} <= {self.bound:g} {UNITS[self.quantity]}".rstrip()


DIGITS = {"numpy_by_hand": 1.5, "jax": 1.5, "sklearn": 3, "torch": 8, "jax_scan": 0.7, "numba": 1}
BLACK_SCHOLES = {"c": 1, "numpy_by_hand": 1.8, "jax": 2}
BLACK_SCHOLES_MACHINE_CODE = {"drjit": 0.9, "heyoka": 1.1, "torch_compile": 1.1}
PENDULUM = {"drjit": 1, "ddx": 1.1, "heyoka": 1.2}
ONE_CALL = {"ddx_interpreted": 1.5, "casadi": 3}
ONE_CALL_MACHINE_CODE = {"casadi_gcc": 1, "valuegrad_exported": 0.9}
TARGETS = [
    Target("two_moons", "step", "valuegrad_native", "micrograd", 300),
    Target("two_moons", "step", "valuegrad_native", "xad", 8),
    Target("expression", "step", "valuegrad_native", "xad", 8),
    Target("microgpt", "step", "valuegrad_native", "plain_value", 25),
    Target("two_moons", "backward per node", "valuegrad_native", None, 12),
    Target("memory", "bytes per operation", "valuegrad_native", None, 112),
    Target("import", "import", "valuegrad_native", None, 30),
    Target("two_moons", "step", "valuegrad_reference", "micrograd", 6),
    Target("hessian", "step", "valuegrad_native", "hips_autograd", 4),
    Target("hessian", "step", "valuegrad_native", "torch", 1),
    Target("hessian", "step", "valuegrad_compiled", "casadi", 1 / 2),
    Target("hessian", "step", "valuegrad_compiled", "jax", 1),
    Target("rosenbrock_gradient", "step", "valuegrad_compiled", "casadi", 1 / 2),
    Target("rosenbrock_gradient", "step", "valuegrad_compiled", "jax", 1),
    Target("moons_rows_1", "step", "valuegrad_compiled", None, 0.004),
    Target("moons_rows_1", "step", "valuegrad_compiled", "jax", 1),
    Target("moons_rows_1", "step", "valuegrad_compiled", "casadi", 1),
    Target("moons_rows_1", "step", "valuegrad_compiled", "pytensor", 1),
    Target("moons_rows_100", "step", "valuegrad_compiled", "micrograd", 100_000, "two_moons"),
    Target("moons_rows_100", "step", "valuegrad_compiled", "jax", 3),
    Target("moons_rows_100", "step", "valuegrad_compiled", "torch", 15),
    Target("moons_rows_100", "step", "valuegrad_compiled", "c", 1 / 2),
    Target("moons_rows_32768", "step", "valuegrad_compiled", "jax", 1 / 0.75),
    Target("moons_rows_32768", "step", "valuegrad_compiled", "torch", 1 / 0.3),
    Target("moons_rows_32768", "step", "valuegrad_compiled", "numpy_by_hand", 1 / 0.25),
    Target("moons_rows_32768", "step", "valuegrad_compiled", "c", 1 / 2),
    Target("moons_tanh_1024", "step", "valuegrad_compiled", "jax", 1),
    Target("unrolled", "step", "valuegrad_compiled", "casadi", 1),
    Target("unrolled", "compile", "valuegrad_compiled", None, 2000),
    Target("microgpt_compiled", "step", "valuegrad_compiled", "plain_value", 300),
    Target("compile_time", "step", "valuegrad_compiled", None, 50),
    *(
        Target(workload, "step", "valuegrad_compiled", rival, bound)
        for workload in ("digits_sgd", "digits_adam")
        for rival, bound in DIGITS.items()
    ),
    *(Target("black_scholes", "step", "valuegrad_compiled", rival, bound) for rival, bound in BLACK_SCHOLES.items()),
    *(
        Target("black_scholes", "step", "valuegrad_machine_code", rival, bound)
        for rival, bound in BLACK_SCHOLES_MACHINE_CODE.items()
    ),
    *(Target("pendulum", "step", "valuegrad_machine_code", rival, bound) for rival, bound in PENDULUM.items()),
    *(
        Target(workload, "step", ours, rival, bound)
        for workload in ("moons_rows_1", "rosenbrock_gradient", "hessian")
        for ours, bounds in (("valuegrad_buffer", ONE_CALL), ("valuegrad_machine_code", ONE_CALL_MACHINE_CODE))
        for rival, bound in bounds.items()
    ),
    Target("microgpt_compiled", "step", "valuegrad_compiled", "jax", 0.7),
    Target("first_result", "step", "valuegrad_compiled", "casadi", 8),
]


def ratio(results, peer, ours, quantity):
    """How many times as much a peer takes as we do: the median of the ratios in the rounds of both."""
    rounds = [results.get(name, {}).get("rounds", []) for name in (peer, ours)]
    ratios = [theirs[quantity] / our[quantity] for theirs, our in zip(*rounds)]
    return median(ratios) if ratios else None


def summary(measured):
    """The medians of the rounds, the backward time of a node, in the units of the tables: ms and ns."""
    rounds = measured["rounds"]
    medians = {name: median(times[name] for times in rounds) for name in rounds[0]}
    count = measured.get("nodes") or measured.get("operations")
    if count and "backward" in medians:
        medians["backward per node"] = medians["backward"] * 1e6 / count
    return measured | medians


def tables(results, peers):
    """Markdown of all results, workload by workload."""
    for workload, measured in results.items():
        yield f"## {workload}"
        rows = [row_of(name, measured) for name in peers if "rounds" in measured.get(name, {})]
        if rows:
            yield table(rows)
        failures = {}
        for name in peers:
            if "failure" in measured.get(name, {}):
                failures.setdefault(measured[name]["failure"], []).append(name)
        if failures:
            yield "\n".join(f"- not measured, {', '.join(names)}: {failure}" for failure, names in failures.items())
    rows = []
    for target in TARGETS:
        measured = target.measured(results)
        if measured is not None:
            verdict = "reached" if target.reached(measured) else "MISSED"
            rows.append({"target": str(target), "measured": number(measured), "": verdict})
    if rows:
        yield "## Targets"
        yield table(rows)


def row_of(name, measured):
    """A row of a table: what was measured of a peer, and its ratios to ours."""
    row = {"peer": name}
    for quantity, unit in UNITS.items():
        if any(quantity in other for other in measured.values()):
            row[f"{quantity}, {unit}" if unit else quantity] = number(measured[name].get(quantity))
    main = next(quantity for quantity in MAIN if quantity in measured[name])
    for ours in (name for name in OURS if "rounds" in measured.get(name, {})):
        row[f"times {ours}"] = number(ratio(measured, name, ours, main))
    return row


def table(rows):
    """Dicts with the same keys as a Markdown table."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)


def number(x):
    """Three digits, without an exponent; a dash for None."""
    if x is None:
        return "-"
    digits = 2 - math.floor(math.log10(abs(x))) if x else 0
    return f"{x:,.{max(0, digits)}f}" if digits < 9 else "0"


def machine():
    """Processor, Python and operating system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (FileNotFoundError, StopIteration):
        processor = platform.processor() or platform.machine()
    return {
        "date": date.today().isoformat(),
        "processor": processor,
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
    }
