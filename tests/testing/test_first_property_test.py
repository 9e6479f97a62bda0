"""The property test of docs/testing.md passes in a user's project, with nothing set up but Hypothesis's defaults."""

import doctest
import os
import subprocess
import sys
from pathlib import Path

from autograd.engine import backend

ROOT = Path(__file__).parents[2]


def first_example():
    """The first block of docs/testing.md as a module; the call that runs it there is pytest's business here."""
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    block = text.split("```python\n")[1].split("```")[0]
    sources = [example.source for example in doctest.DocTestParser().get_examples(block)]
    assert sources[-1] == "test_gradient()\n"
    return "\n".join(sources[:-1])


def test_the_property_test_of_the_docs_passes_as_it_stands(tmp_path):
    (tmp_path / "test_gradient.py").write_text(first_example(), encoding="utf-8")
    settings = {"VALUEGRAD_BACKEND": backend, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    kept = {name: value for name, value in os.environ.items() if name != "CI" and "PYTEST" not in name}
    command = [sys.executable, "-m", "pytest", "-q", "--assert=plain", "--rootdir", str(tmp_path), "test_gradient.py"]
    run = subprocess.run(command, cwd=tmp_path, env={**kept, **settings}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "1 passed" in run.stdout
