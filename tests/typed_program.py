"""A user's program, for the type checker: it must infer the types that the program states."""

import random
import tempfile
from decimal import Decimal
from fractions import Fraction

from autograd import Program, Value, clip, compile, exp, hypot, log, mean, norm, softmax, sum, take, where
from nn import MLP, load, losses, optim, save

x = Value(Fraction(1, 2))
y: Value = x * Decimal(1) + 2**x - 1 / x
z: Value = exp(x) + log(y)
f: float = exp(2.0)
t: Value = sum([x, y])
m: Value = mean([x, y])
w: Value = where(x > 0, x, 0.0)
h: Value = hypot(x, 3)
s: list[Value] = softmax([x, y])
n: float = norm([3.0, 4.0])
model = MLP(1, [4, 1], rng=random.Random(0))
loss = losses.mse([model(v) for v in (0.1, 0.2)], [1.0, 2.0])
loss.backward()
optim.SGD(model.parameters(), learning_rate=0.1).step()
c: Value = clip(x, 0, 1)
k: Value = take([x, y], 1)
i: Value = take([1.0, 2.0], Value(1))
j: float = take([1.0, 2.0], 1)
program: Program = compile(lambda x: x * x)
gradient: Program = program.grad
l: float = program.backward([1.0, 2.0])  # noqa: E741
p: float = program(1.0)
code: str = program.to_c("f")
with tempfile.TemporaryDirectory() as folder:
    save(model, f"{folder}/model")
    same: MLP = load(f"{folder}/model", into=model)
