"""CasADi: scalar expressions (SX), run by its virtual machine; only compiled functions are measured.

Buffers pass the arguments, because that has the least overhead. To convert arrays at each call takes 0.1 ms longer.
"""

import casadi
import numpy as np
from workloads import Call, mlp, plain_layers

REQUIREMENTS = ["casadi", "numpy"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1"}
IMPORT = "casadi"

exp, tanh = casadi.exp, casadi.tanh


def relu(x):
    return casadi.fmax(x, 0.0)


ACTIVATIONS = {"relu": relu, "tanh": tanh}


def hessian(function, numbers, built=lambda program: program):
    at = np.array(numbers)
    x = casadi.SX.sym("x", len(numbers))
    matrix, _ = casadi.hessian(function(x, casadi.sum1), x)
    program = built(casadi.Function("hessian", [x], [casadi.densify(matrix)]))
    return called(program, [at], np.empty((len(numbers), len(numbers))))


def gradient(function, numbers, built=lambda program: program):
    at = np.array(numbers)
    x = casadi.SX.sym("x", len(numbers))
    program = built(casadi.Function("gradient", [x], [casadi.gradient(function(x, casadi.sum1), x)]))
    return called(program, [at], np.empty(len(numbers)))


def called(program, arguments, result):
    """A call that gives the result, an array that the next one fills again."""
    call = buffered(program, arguments, [result])
    return lambda: (call(), result)[1]


def moons_rows(weights, points, labels, activation, penalty):
    row = row_step(len(weights), activation, penalty)
    rows = row.map("rows", "serial", len(labels), [0], [0, 1])  # the weights are the same, the results added up
    total, gradient = np.empty(1), np.empty(len(weights))
    call = buffered(rows, [np.array(weights), np.array(points), np.array(labels)], [total, gradient])
    return Call(call, numbers=lambda: (call(), total / len(labels), gradient / len(labels))[1:])


def moons_row(weights, point, label, built=lambda program: program):
    total, gradient = np.empty(1), np.empty(len(weights))
    call = buffered(
        built(row_step(len(weights))), [np.array(weights), np.array(point), np.array([label])], [total, gradient]
    )
    return Call(call, numbers=lambda: (call(), total, gradient)[1:])


def compile_time(weights, point, label):
    at = np.array(weights), np.array(point), label
    return Call(lambda: [x.full() for x in row_step(len(weights))(*at)])


def row_step(size, activation="relu", penalty=0.0):
    """The loss of a row and its gradient by this number of weights."""
    w, x, y = casadi.SX.sym("w", size), casadi.SX.sym("x", 2), casadi.SX.sym("y")
    score = mlp(plain_layers(casadi.vertsplit(w), 2, [16, 16, 1]), casadi.vertsplit(x), ACTIVATIONS[activation])
    loss = casadi.fmax(1 - y * score, 0.0) + penalty * casadi.sumsqr(w)
    return casadi.Function("row", [w, x, y], [loss, casadi.gradient(loss, w)])


def unrolled(weights, loss):
    w = casadi.SX.sym("w", len(weights))
    total = loss(casadi.vertsplit(w), ACTIVATIONS["relu"])
    program = casadi.Function("unrolled", [w], [total, casadi.gradient(total, w)])
    value, gradient = np.empty(1), np.empty(len(weights))
    call = buffered(program, [np.array(weights)], [value, gradient])
    return Call(call, numbers=lambda: (call(), value, gradient)[1:])


def first_result(function, numbers):
    def run():
        x = casadi.SX.sym("x", len(numbers))
        value = function(casadi.vertsplit(x))
        program = casadi.Function("first", [x], [value, casadi.gradient(value, x)])
        return [result.full() for result in program(numbers)]

    return Call(run)


def buffered(program, arguments, results):
    """A call of the program that reads these arrays, and writes those."""
    buffer, evaluate = program.buffer()
    for i, x in enumerate(arguments):
        buffer.set_arg(i, memoryview(x))
    for i, x in enumerate(results):
        buffer.set_res(i, memoryview(x))
    kept = buffer, arguments, results
    return lambda kept=kept: evaluate()  # noqa: ARG005  # the arrays live as long as the call
