"""Networks as modules of PyTorch, and back. PyTorch is imported only when one of these functions is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nn.files.chain import Linear, Step, chain_of, mlp_of
from nn.layers import MLP
from nn.module import Module

_MODULES: dict[str, tuple[str, dict[str, object]]] = {
    "elu": ("ELU", {"alpha": 1.0}),
    "gelu": ("GELU", {"approximate": "none"}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}),
    "relu": ("ReLU", {}),
    "sigmoid": ("Sigmoid", {}),
    "silu": ("SiLU", {}),
    "softplus": ("Softplus", {"beta": 1.0}),
    "tanh": ("Tanh", {}),
}
"""For each activation the class in torch.nn, and the settings with which it computes the same."""


def to_torch(model: Module) -> Any:
    """A `torch.nn.Sequential` of the numbers of a model in float64: it has the same outputs, but for rounding.

    It takes rows: a tensor of shape (n, n_inputs) gives one of shape (n, n_outputs).

    Args:
        model: an MLP, a Layer, a Neuron or a Linear; or a Sequential of these and of activations. Each activation has
            a name in `ACTIVATIONS`. Identity is left out, and so is Dropout after `model.eval()`.

    Raises:
        TypeError: the model is something else.
        ValueError: an activation is a function of yours or has another setting, or the neurons of a layer differ.
        ImportError: PyTorch is not installed.

    >>> from nn import MLP, to_torch
    >>> to_torch(MLP(2, [3, 1], activation="tanh"))  # doctest: +SKIP
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): Tanh()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """
    steps = chain_of(model, "to_torch")
    torch = _torch("to_torch")
    return torch.nn.Sequential(*(_module(torch, step) for step in steps))


def from_torch(module: Any) -> MLP:
    """The MLP with the numbers of a network of PyTorch: each Linear and the activation after it are a layer.

    A Linear without a bias gets biases of 0. Beyond its threshold, 20, PyTorch's Softplus differs by up to 2e-9.

    Args:
        module: a `torch.nn.Linear`, or a `torch.nn.Sequential` of Linear and activations, also nested ones. Identity is
            left out, and so is Dropout after `module.eval()`.

    Raises:
        TypeError: the module is something else, or holds something else.
        ValueError: the layers do not fit, or a setting of an activation is not that of nn.
        ImportError: PyTorch is not installed.

    >>> import torch  # doctest: +SKIP
    >>> from_torch(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh()))  # doctest: +SKIP
    MLP(
      (layers.0): Layer(2, 3, activation='tanh')
    )
    """
    return mlp_of(_steps(_torch("from_torch"), module), "from_torch")


def _module(torch: Any, step: Step) -> Any:
    if isinstance(step, str):
        kind, settings = _MODULES[step]
        module = getattr(torch.nn, kind)(**settings)
        if step == "softplus":
            module.threshold = 50.0  # beyond that, softplus(x) is x in float64; 20 is enough for float32 only
        return module
    n_outputs, n_inputs = step.weight.shape
    # skip_init: torch's generator of random numbers stays as it is
    linear = torch.nn.utils.skip_init(torch.nn.Linear, n_inputs, n_outputs, dtype=torch.float64)
    linear.load_state_dict({name: torch.from_numpy(array) for name, array in step._asdict().items()})
    return linear


def _steps(torch: Any, module: Any) -> Iterator[Step]:
    """The chain that a module is; exact classes, because a subclass may compute something else."""
    import numpy as np  # lazy: importing nn stays fast

    kind = type(module)
    if kind is torch.nn.Sequential:
        for part in module:
            yield from _steps(torch, part)
    elif kind is torch.nn.Linear:
        weight = _array(torch, module.weight)
        yield Linear(weight, np.zeros(len(weight)) if module.bias is None else _array(torch, module.bias))
    elif kind is not torch.nn.Identity and not (kind is torch.nn.Dropout and not module.training):
        yield _activation(torch, module)


def _activation(torch: Any, module: Any) -> str:
    kind = type(module)
    for name, (known, settings) in _MODULES.items():
        if kind is getattr(torch.nn, known):
            for setting, value in settings.items():
                if getattr(module, setting) != value:
                    raise ValueError(
                        f"from_torch() takes {known} with {setting}={value!r}, got {getattr(module, setting)!r}; "
                        "use that, or another activation"
                    )
            return name
    remedy = "call module.eval() first" if kind is torch.nn.Dropout else "convert its parts"
    raise TypeError(f"from_torch() takes Linear, activations and Sequential of torch.nn, got {kind.__name__}; {remedy}")


def _array(torch: Any, tensor: Any) -> Any:
    return tensor.detach().to("cpu", torch.float64).numpy()


def _torch(function: str) -> Any:
    try:
        import torch  # lazy: optional
    except ImportError:
        raise ImportError(f"{function}() needs PyTorch; install it: python -m pip install torch") from None
    return torch
