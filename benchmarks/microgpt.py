"""A GPT of one layer, trained on scalars: each of its 4,224 parameters is a Value.

It learns the public names of Python's standard library, letter by letter. It has RMSNorm without gain, no
biases, and four heads of attention over the keys and values of the earlier positions. Adam trains it.
"""

import random
import re
import sys
from importlib.util import find_spec
from pathlib import Path

WIDTH, HEADS, BLOCK_SIZE = 16, 4, 16
HEAD_WIDTH = WIDTH // HEADS
LEARNING_RATE, BETA1, BETA2, EPSILON = 0.01, 0.85, 0.99, 1e-8
STEPS = 1000  # after so many steps the learning rate is 0


def standard_library_names():
    """The names of functions and classes in modules written in Python, in lower case; no module is imported."""
    names = set()
    for module in sorted(sys.stdlib_module_names - {"__main__"}):
        spec = find_spec(module)
        if spec and spec.origin and spec.origin.endswith(".py"):
            source = Path(spec.origin).read_text(encoding="utf-8")
            names.update(name.lower() for name in re.findall(r"^(?:def|class) ([A-Za-z]\w*)", source, re.MULTILINE))
    return sorted(name for name in names if re.fullmatch(f"[a-z][a-z_]{{,{BLOCK_SIZE - 2}}}", name))


class Tokenizer:
    """A number for each character, and one for the start and the end of a document."""

    def __init__(self, documents):
        self.characters = sorted(set("".join(documents)))
        self.bos = len(self.characters)
        self.size = self.bos + 1

    def encode(self, document):
        return [self.bos, *map(self.characters.index, document), self.bos][: BLOCK_SIZE + 1]


def product_sum(row, x):
    """The dot product by operators alone."""
    return sum(w * xi for w, xi in zip(row, x))


class GPT:
    """The model. dot computes its linear maps, softmax its probabilities."""

    def __init__(self, vocabulary_size, make_value, dot=product_sum, softmax=None, seed=0):
        rng = random.Random(seed)

        def matrix(rows, columns):
            return [[make_value(rng.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.dot = dot
        self.softmax = softmax or shifted_softmax
        self.token_embedding = matrix(vocabulary_size, WIDTH)
        self.position_embedding = matrix(BLOCK_SIZE, WIDTH)
        self.query, self.key, self.value, self.projection = (matrix(WIDTH, WIDTH) for _ in range(4))
        self.expand = matrix(4 * WIDTH, WIDTH)
        self.contract = matrix(WIDTH, 4 * WIDTH)
        self.head = matrix(vocabulary_size, WIDTH)

    def parameters(self):
        matrices = [m for m in vars(self).values() if isinstance(m, list)]
        return [p for matrix in matrices for row in matrix for p in row]

    def linear(self, matrix, x):
        return [self.dot(row, x) for row in matrix]

    def logits(self, embedding, position, keys, values):
        """The score of each possible next token. The key and value of this position are appended to keys and values."""
        x = add(embedding, self.position_embedding[position])
        normed = rms_norm(x)
        query = self.linear(self.query, normed)
        keys.append(self.linear(self.key, normed))
        values.append(self.linear(self.value, normed))
        attended = []
        for start in range(0, WIDTH, HEAD_WIDTH):
            head = slice(start, start + HEAD_WIDTH)
            scores = [product_sum(query[head], key[head]) * HEAD_WIDTH**-0.5 for key in keys]
            weights = self.softmax(scores)
            attended += [product_sum(weights, column) for column in zip(*(value[head] for value in values))]
        x = add(x, self.linear(self.projection, attended))
        hidden = [h.relu() for h in self.linear(self.expand, rms_norm(x))]
        x = add(x, self.linear(self.contract, hidden))
        return self.linear(self.head, rms_norm(x))

    def loss(self, tokens):
        """The mean of -log(probability of the next token) over the positions of a document."""

        def surprise(scores, target):
            return -self.softmax(scores)[target].log()

        return self.mean_loss(map(self.token_embedding.__getitem__, tokens[:-1]), tokens[1:], surprise)

    def loss_of_vectors(self, tokens, targets):
        """The same for tokens that are vectors of 0 and a single 1. These are numbers, so one program serves all."""
        columns = list(zip(*self.token_embedding))
        embeddings = [[product_sum(column, token) for column in columns] for token in tokens]

        def surprise(scores, target):
            return sum(score.exp() for score in scores).log() - product_sum(scores, target)

        return self.mean_loss(embeddings, targets, surprise)

    def mean_loss(self, embeddings, targets, surprise):
        """The mean of surprise(scores of the tokens, the next token), which is -log(its probability)."""
        keys, values, losses = [], [], []
        for position, (embedding, target) in enumerate(zip(embeddings, targets)):
            losses.append(surprise(self.logits(embedding, position, keys, values), target))
        return sum(losses) / len(losses)


def add(xs, ys):
    return [x + y for x, y in zip(xs, ys)]


def rms_norm(xs):
    scale = (sum(x * x for x in xs) / len(xs) + 1e-5) ** -0.5
    return [x * scale for x in xs]


def shifted_softmax(scores):
    """Softmax for scores of any size: it subtracts the largest."""
    largest = max(score.data for score in scores)
    return unshifted_softmax([score - largest for score in scores])


def unshifted_softmax(scores):
    """Softmax for compiled programs, where the largest score is not known. The scores of this model are small."""
    powers = [score.exp() for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


class Adam:
    """Kingma and Ba, "Adam: a method for stochastic optimization", 2015; the learning rate falls linearly."""

    def __init__(self, parameters):
        self.parameters = parameters
        self.means = [0.0] * len(parameters)
        self.squares = [0.0] * len(parameters)
        self.steps = 0

    def step(self):
        rate = LEARNING_RATE * max(0.0, 1 - self.steps / STEPS)
        self.steps += 1
        mean_scale, square_scale = 1 - BETA1**self.steps, 1 - BETA2**self.steps
        for i, p in enumerate(self.parameters):
            gradient = p.grad
            self.means[i] = mean = BETA1 * self.means[i] + (1 - BETA1) * gradient
            self.squares[i] = square = BETA2 * self.squares[i] + (1 - BETA2) * gradient * gradient
            p.data -= rate * (mean / mean_scale) / ((square / square_scale) ** 0.5 + EPSILON)
            p.grad = 0.0
