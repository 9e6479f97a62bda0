"""valuegrad with its reference engine."""

from peers import valuegrad, values

REQUIREMENTS = ["."]
ENVIRONMENT = {"VALUEGRAD_BUILD": "off", "VALUEGRAD_BACKEND": "python"}
IMPORT = "autograd"

if valuegrad.IS_NATIVE:
    raise ImportError("the installation has a native engine only")

Value, dot, parameters, two_moons = valuegrad.Value, valuegrad.dot, valuegrad.parameters, valuegrad.two_moons
exp, relu, tanh = valuegrad.exp, valuegrad.relu, valuegrad.tanh
forward, backward, zero_grad = values.forward, values.backward, values.zero_grad
result, gradients, nodes = values.result, values.gradients, values.nodes
