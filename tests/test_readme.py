"""What the README says is what is run."""

import re
import runpy
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)


def test_the_test_command_is_the_one_of_ci():
    test_command = COMMANDS[1]
    assert test_command.endswith("python -m pytest")
    assert test_command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)]*)\)", README)) | {"demos/two_moons.py"}))
def test_links_and_demos_exist_in_the_repository(link):
    if (ROOT / "autograd").exists() or not link.startswith(("autograd/", "nn/")):
        assert (ROOT / link).exists()


def test_the_number_of_special_values_is_that_of_the_table():
    decided = len((ROOT / "tests" / "operations" / "edges.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert f"[{decided} special values]" in README


def test_every_demo_is_listed():
    assert {path.name for path in (ROOT / "demos").glob("*.py")} == set(re.findall(r"`demos/(\w+\.py)` \|", README))


def test_functions_named_in_the_readme_are_public():
    (sentence,) = re.findall(r"alike:(.*?), \.\.\.", README, re.DOTALL)
    assert all(hasattr(autograd, name) for name in re.findall(r"`(\w+)`", sentence))


def test_the_page_of_operations_is_written_from_the_rows():
    page = runpy.run_path(str(ROOT / "docs" / "operations.py"))["table"]()
    assert (ROOT / "docs" / "operations.md").read_text(encoding="utf-8") == page
