"""Progress: a bar for the epochs of a training, in terminals and in notebooks."""

from __future__ import annotations

import sys
from typing import Any, final

from nn.training.history import History


@final
class Progress:
    """A bar of tqdm; none where nobody would see it, as in a file or a pipe.

    Args:
        total: how many epochs there are.
        wanted: False for no bar at all.
    """

    def __init__(self, total: int, wanted: bool) -> None:
        self._bar: Any = None
        if wanted and (sys.stderr.isatty() or _in_notebook()):
            from tqdm.auto import tqdm  # lazy: slow to import

            self._bar = tqdm(total=total, unit="epoch")

    def advance(self, history: History) -> None:
        """An epoch has ended."""
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.4g}" for name, value in history.last().items()}, refresh=False)
            self._bar.update()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _in_notebook() -> bool:
    """Whether Jupyter runs this program."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
