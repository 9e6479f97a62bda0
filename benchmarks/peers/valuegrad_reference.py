"""valuegrad with its readable engine."""

from peers import valuegrad, values

REQUIREMENTS = [".", "numpy"]
ENVIRONMENT = {"VALUEGRAD_BUILD": "off", "VALUEGRAD_BACKEND": "python"}
IMPORT = "autograd"

if valuegrad.IS_NATIVE:
    raise ImportError("the installation has a native engine only")

Value, dot, parameters = valuegrad.Value, valuegrad.dot, valuegrad.parameters
hessian, two_moons = valuegrad.hessian, valuegrad.two_moons
exp, relu, tanh = valuegrad.exp, valuegrad.relu, valuegrad.tanh
forward, backward, zero_grad = values.forward, values.backward, values.zero_grad
result, gradients, nodes = values.result, values.gradients, valuegrad.nodes
