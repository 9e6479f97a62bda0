"""The peers: one module each, all with the same functions.

REQUIREMENTS   what pip installs for it; "." is this repository
ENVIRONMENT    environment variables of the installation and of its processes (optional)
IMPORT         the module whose import is timed (optional)

parameters(numbers)                the parameters of a model
forward(function, parameters)      record function(parameters), a scalar
backward(recording)                differentiate it by the parameters
zero_grad(parameters)              reset what backward() adds to
result(recording)                  the number of the recorded scalar
gradients(recording, parameters)   its derivatives, numbers
exp(x), relu(x), tanh(x)           functions of a scalar

nodes(recording)                   how many nodes the graph has (optional)
two_moons(weights, points, labels) parameters and loss function by the neural-net library of the peer (optional)
Value(number)                      a scalar with .data, .grad, .exp(), .log(), .relu(), for microgpt (optional)
dot(xs, ys)                        the dot product of two lists, for microgpt_dot (optional)
hessian(function, numbers)         a call that gives the Hessian at these numbers; function takes an array and a
                                   function that adds up an array
gradient(function, numbers)        the same for its gradient
moons_rows(weights, points, labels, activation, penalty)
                                   a Call that gives the mean loss of the network on two moons, and its gradient
moons_row(weights, point, label)   the same for one row, with weights as an array (optional; the default is moons_rows)
unrolled(weights, loss)            a Call that gives loss(weights, relu), of scalars, and its gradient
microgpt_compiled(model, documents)
                                   a Call that trains a GPT of Values with each document, a list of tokens
compile_time(weights, point, label)
                                   a Call that does what moons_row does, with a new function each time
digits(weights, rows, labels, optimizer)
                                   a Call that trains the network of digits for an epoch by "sgd" or "adam"; its number
                                   is the loss after the first
black_scholes(columns)             a Call that gives the price of each row and its five derivatives; its numbers are
                                   those of every thousandth row
pendulum(columns)                  the same for the state of each row, angle and speed, and the 2 x 4 derivatives
first_result(function, numbers)    a Call that gives the value and the gradient of a function that is new each time

The functions from hessian on are optional. A peer may have them alone.
"""
