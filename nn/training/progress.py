"""Progress: a bar for the epochs of a training, in terminals and in notebooks, and there also its curves."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, final

from nn.training.curves import Curves

if TYPE_CHECKING:
    from nn.training.history import History


@final
class Progress:
    """A bar of tqdm; none where nobody would see it, as in a file or a pipe.

    In a notebook it is a widget, and at the end text: of widgets, a notebook that is opened again shows the beginning.

    Args:
        total: how many epochs there are.
        wanted: False for no bar at all.
    """

    def __init__(self, total: int, wanted: bool) -> None:
        self._bar: Any = None
        self._output: Any = None  # of the cell of a notebook
        self._curves = Curves(wanted and in_notebook())
        if wanted and (sys.stderr.isatty() or in_notebook()):
            from tqdm.auto import tqdm  # lazy: slow to import

            notebook = sys.modules.get("tqdm.notebook")
            if notebook is None or not issubclass(tqdm, notebook.tqdm_notebook):
                self._bar = tqdm(total=total, unit="epoch")
                return
            self._bar = tqdm(total=total, unit="epoch", display=False, dynamic_ncols=True)
            display: Any = import_module("IPython.display").display
            self._output = display(self._bar.container, display_id=True)

    def advance(self, history: History) -> None:
        """An epoch has ended."""
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.4g}" for name, value in history.last().items()}, refresh=False)
            self._bar.update()
        self._curves.advance(history)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._output is not None:
            self._output.update({"text/plain": str(self._bar)}, raw=True)
        self._curves.close()


def in_notebook() -> bool:
    """Whether Jupyter runs this program, or what builds on it, as Colab does."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in type(shell).__mro__)
