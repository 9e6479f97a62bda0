"""playground(): a network that trains in a page, with what each of the four steps does in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import is_traced
from nn.arguments import shown, with_remedies
from nn.optim.optimizer import Optimizer, Rule
from nn.pages.facts import orders_of, stages_of
from nn.pages.programs import Task
from nn.pages.writing import Heading, Page, check, has_dropout, page_of, parameters_of
from nn.predict import Loss, Model, check_model, loss_for
from nn.rng import Seed, source
from nn.training.given import ELSEWHERE, count, parted
from nn.training.training import optimizer_of

if TYPE_CHECKING:
    import os

    from numpy.typing import ArrayLike

_KNOWN = ("criterion", "learning_rate", "loss_fn", "lr", "random_state", "seed", "validation_data", "validation_split")


@with_remedies({name: ELSEWHERE[name] for name in _KNOWN} | {"epochs": "none: the page trains until it is paused"})
def playground(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    path: str | os.PathLike[str] | None = None,
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer = "adam",
    batch_size: int | None = None,
    validation: float | tuple[ArrayLike, ArrayLike] | None = None,
    rng: Seed = None,
    image: tuple[int, int] | None = None,
    title: str = "",
    lang: str = "en",
) -> Page:
    """A page in which the network trains: with its own weights, on these samples, by this loss and optimizer.

    It shows the four steps of error back-propagation one by one, the network with its weights, what it has learned of
    one or two inputs, and the losses. It is one HTML file that makes no request. The losses are those of `nn.fit` to
    1e-9, at first; the page shows the loss of all samples at the present weights.

    Args:
        model: a Module, or a function of a sample if the optimizer has its parameters. It stays as it is.
        x, y: samples and targets, as for fit().
        path: the file to write, which ends in .html; None for none.
        loss, optimizer, validation: as for fit().
        batch_size: how many samples there are for each step; None for all.
        rng: as for fit(). The page has the orders of the first epochs, up to 100, and then begins with them again.
        image: rows and columns of pixels, such as (8, 8), if a sample is an image: then it is shown as one.
        title: the heading; without it, one with the sizes of the layers.
        lang: the language of the page: "en" or "ko".

    Returns:
        The page: its `html` is the text, and its `path` is where it was written.

    Raises:
        TypeError, ValueError: as fit() does; also for an unknown language, a path that does not end in .html, a model
            with dropout, more than 20,000 parameters, an optimizer that is no Rule, or an operation without C.

    >>> import random
    >>> from nn import MLP, playground
    >>> model = MLP(2, [4, 1], activation="tanh", rng=random.Random(0))
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> page = playground(model, x, y, loss="binary_cross_entropy")
    >>> "MLP 2 → 4 → 1" in page.html
    True
    """
    check_model("playground", model)
    if is_traced():
        raise TypeError("playground() within a compiled function would run only while it is traced; call it outside")
    heading = Heading.of(path, title, lang, image)
    loss_function = loss_for("playground", model, loss)
    optimizer = optimizer_of("playground", model, optimizer)
    rng = source(rng)
    samples, held_out = parted("playground", x, y, validation, rng)
    n = len(samples[0])
    size = n if batch_size is None else min(n, count("playground", "batch_size", batch_size))
    task = Task(model, loss_function, optimizer, parameters_of(model, optimizer), samples, stages_of(model))
    check("playground", task)
    if has_dropout(model):
        raise ValueError("playground() draws no random numbers, got a Dropout; leave it out, or set its p to 0")
    if not isinstance(optimizer, Rule):
        raise TypeError(
            f"playground() exports the rule of an optimizer, got {shown(optimizer)}, which has none; "
            "make it a subclass of nn.optim.optimizer.Rule"
        )
    return page_of(task, held_out, heading, size=size, orders=orders_of(n, size, rng))
