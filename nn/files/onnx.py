"""Networks as files of ONNX, which other programs run. A network needs little of the format, so it is written here.

https://onnx.ai/onnx/repo-docs/IR.html says what a file holds, https://protobuf.dev/programming-guides/encoding how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from autograd import __version__
from nn.files.chain import Linear, chain_of
from nn.files.paths import checked, replaced
from nn.module import Module

if TYPE_CHECKING:
    from nn.files.chain import Step
    from nn.files.paths import Path

_TYPES = {"float64": ("<f8", 11), "float32": ("<f4", 1)}
"""For each type of numbers, that of NumPy, and its number in ONNX."""

_OPERATORS = {
    "elu": ["Min x zero", "Exp 0", "Sub 1 one", "Max x zero", "Add 2 3"],
    "gelu": ["Mul x root_half", "Erf 0", "Add 1 one", "Mul x half", "Mul 2 3"],
    "leaky_relu": ["Mul x slope", "Max x 0"],
    "relu": ["Relu x"],
    "sigmoid": ["Sigmoid x"],
    "silu": ["Sigmoid x", "Mul x 0"],
    "softplus": ["Abs x", "Neg 0", "Exp 1", "Add 2 one", "Log 3", "Max x zero", "Add 4 5"],
    "tanh": ["Tanh x"],
}
"""What each activation is made of: x is its input, a digit the result of that line, a name a constant. Elu, LeakyRelu
and Softplus are not used, because onnxruntime has them for float32 only."""

_CONSTANTS = {"zero": 0.0, "one": 1.0, "half": 0.5, "root_half": 0.5**0.5, "slope": 0.01}


def to_onnx(model: Module, path: Path, *, dtype: str = "float64") -> None:
    """Write a network to a file of the format ONNX.

    The input "x" has shape (n, n_inputs), and the output "y" shape (n, n_outputs). A file that is replaced stays as it
    was until the new one is whole.

    Args:
        model: an MLP, a Layer, a Neuron or a Linear; or a Sequential of these and of activations. Each activation has
            a name in `ACTIVATIONS`. Identity is left out, and so is Dropout after `model.eval()`.
        path: of the file, by custom with the ending .onnx.
        dtype: of the numbers, the inputs and the outputs: "float64", or "float32", which more programs take. The erf()
            in "gelu" is computed in float32 in any case, because onnxruntime has no other.

    Raises:
        TypeError: the model is something else, or the path.
        ValueError: an activation is a function of yours or has another setting, the neurons of a layer differ, or dtype
            is unknown.
        OSError: the file cannot be written.

    >>> import os, tempfile
    >>> from nn import MLP, to_onnx
    >>> path = os.path.join(tempfile.mkdtemp(), "model.onnx")
    >>> to_onnx(MLP(2, [3, 1], activation="tanh"), path)
    >>> import onnxruntime  # doctest: +SKIP
    >>> (y,) = onnxruntime.InferenceSession(path).run(["y"], {"x": np.zeros((5, 2))})  # doctest: +SKIP
    >>> y.shape  # doctest: +SKIP
    (5, 1)
    """
    path = checked(path, "to_onnx", "model.onnx")
    if dtype not in _TYPES:
        raise ValueError(f"to_onnx() writes float64 or float32, got {dtype!r}; pass dtype='float32'")
    data = _model(chain_of(model, "to_onnx"), dtype)
    with replaced(path) as file:
        file.write(data)


def _model(steps: Sequence[Step], dtype: str) -> bytes:
    """The message ModelProto: version 7 of the format, operators of version 13, from the year 2020."""
    maps = [step for step in steps if isinstance(step, Linear)]
    nodes: list[bytes] = []
    used = {word for step in steps if isinstance(step, str) for line in _OPERATORS[step] for word in line.split()}
    constants = [_tensor(name, x, dtype) for name, x in _CONSTANTS.items() if name in used]
    former = "x"
    for i, step in enumerate(steps):
        output = "y" if i == len(steps) - 1 else f"h{i}"
        if isinstance(step, Linear):
            constants += [_tensor(f"{name}{i}", array, dtype) for name, array in step._asdict().items()]
            transposed = _message((1, "transB"), (3, 1), (20, 2))  # the integer 1: x @ weight.T + bias
            nodes.append(_node("Gemm", [former, f"weight{i}", f"bias{i}"], output, transposed))
        else:
            nodes += _activation(step, former, output, dtype)
        former = output
    graph = _message(
        *((1, node) for node in nodes),
        (2, "network"),
        *((5, constant) for constant in constants),
        (11, _rows("x", maps[0].weight.shape[1], dtype)),
        (12, _rows("y", maps[-1].weight.shape[0], dtype)),
    )
    operators = _message((1, ""), (2, 13))
    return _message((1, 7), (2, "valuegrad"), (3, __version__), (7, graph), (8, operators))


def _activation(name: str, x: str, y: str, dtype: str) -> list[bytes]:
    """The nodes of an activation."""
    lines = _OPERATORS[name]
    names = {"x": x, **{str(i): f"{y}_{i}" for i in range(len(lines) - 1)}, str(len(lines) - 1): y}
    nodes: list[bytes] = []
    for i, line in enumerate(lines):
        operator, *inputs = line.split()
        arguments, output = [names.get(argument, argument) for argument in inputs], names[str(i)]
        if operator == "Erf" and dtype == "float64":
            single, result = f"{output}_single", f"{output}_result"
            nodes += [_cast(arguments[0], single, "float32"), _node("Erf", [single], result)]
            nodes.append(_cast(result, output, "float64"))
        else:
            nodes.append(_node(operator, arguments, output))
    return nodes


def _cast(x: str, y: str, dtype: str) -> bytes:
    return _node("Cast", [x], y, _message((1, "to"), (3, _TYPES[dtype][1]), (20, 2)))


def _node(operator: str, inputs: Iterable[str], output: str, attribute: bytes | None = None) -> bytes:
    """The message NodeProto."""
    attributes = [] if attribute is None else [(5, attribute)]
    return _message(*((1, name) for name in inputs), (2, output), (3, output), (4, operator), *attributes)


def _tensor(name: str, numbers: object, dtype: str) -> bytes:
    """The message TensorProto."""
    import numpy as np  # lazy: importing nn stays fast

    kind, number = _TYPES[dtype]
    array = np.asarray(numbers, dtype=kind)
    return _message(*((1, size) for size in array.shape), (2, number), (8, name), (9, array.tobytes()))


def _rows(name: str, size: int, dtype: str) -> bytes:
    """The message ValueInfoProto of an array of shape (n, size)."""
    shape = _message((1, _message((2, "n"))), (1, _message((1, size))))
    return _message((1, name), (2, _message((1, _message((1, _TYPES[dtype][1]), (2, shape))))))


def _message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A message of Protocol Buffers: the fields one after the other, each with its number."""
    parts: list[bytes] = []
    for number, value in fields:
        if isinstance(value, int):
            parts += [_varint(number << 3), _varint(value)]
        else:
            data = value.encode() if isinstance(value, str) else value
            parts += [_varint(number << 3 | 2), _varint(len(data)), data]
    return b"".join(parts)


def _varint(n: int) -> bytes:
    """Seven bits in each byte, the lowest first; all bytes but the last have the eighth bit."""
    parts = bytearray()
    while n > 127:
        parts.append(n & 127 | 128)
        n >>= 7
    parts.append(n)
    return bytes(parts)
