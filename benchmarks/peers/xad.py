"""xad: adj_1st, one tape that clearAll() empties for each recording, as its documentation advises.

The inputs are new Reals for each recording: a Real that was registered before is not registered
again, and its derivative would silently be wrong.
"""

import xad.adj_1st
from xad.math import exp, max, tanh

__all__ = ["exp", "tanh"]

REQUIREMENTS = ["xad"]
IMPORT = "xad.adj_1st"

TAPE = xad.adj_1st.Tape()
TAPE.activate()
ZERO = xad.adj_1st.Real(0.0)


def relu(x):
    return max(x, ZERO)  # a third of the time that max(x, 0.0) takes


def parameters(numbers):
    return numbers


def forward(function, parameters):
    TAPE.clearAll()
    inputs = [xad.adj_1st.Real(x) for x in parameters]
    TAPE.registerInputs(inputs)
    TAPE.newRecording()
    output = function(inputs)
    TAPE.registerOutput(output)
    return output, inputs


def backward(recording):
    output, _ = recording
    output.derivative = 1.0
    TAPE.computeAdjoints()


def zero_grad(parameters):
    """Nothing: each recording has new inputs."""


def result(recording):
    return recording[0].value


def gradients(recording, parameters):  # noqa: ARG001  # the inputs are of the recording
    return [x.derivative for x in recording[1]]
