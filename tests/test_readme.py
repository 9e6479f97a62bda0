"""What the README and the pages of docs/ say is true, and their links work."""

import importlib
import re
import runpy
from pathlib import Path
from types import ModuleType

import pytest

import autograd
from autograd import engine
from tests.pictures.reading import texts, texts_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("demos/*.md"), *ROOT.glob("benchmarks/*.md")])


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def prose(page: str) -> str:
    """The page without its code."""
    return re.sub(r"```.*?```", "", page, flags=re.DOTALL)


# --------------------------------------------------------------------------- the landing page


def test_the_test_command_is_the_one_of_ci():
    test_command = COMMANDS[1]
    assert test_command.endswith("python -m pytest")
    assert test_command in text(".ci/run").splitlines()


def test_the_readme_has_at_most_500_words_before_contributing():
    landing, _, _ = README.partition("## Contributing")
    words = re.findall(r"[^\s|]*\w[^\s|]*", re.sub(r"\]\([^)]*\)", "]", prose(landing)))
    assert len(words) <= 500


def test_the_error_bound_in_the_readme_is_the_largest_of_the_table():
    bound = max(operation.ulps[1] for operation in autograd.TABLE.values())
    assert f"[{bound:g} ulp](docs/numbers.md#accuracy)" in README


def test_the_page_of_numbers_names_the_operations_with_larger_bounds():
    pattern = r"A value of (.*?) is within 8 ulp.*?first derivatives of (.*?)\."
    [(values, first)] = re.findall(pattern, text("docs/numbers.md").replace("\n", " "))
    for kind, names in enumerate((values, first)):
        larger = {name for name, operation in autograd.TABLE.items() if operation.ulps[kind] == 8}
        assert set(re.findall(r"`(\w+)`", names)) == larger
        assert all(operation.ulps[kind] == 4 for name, operation in autograd.TABLE.items() if name not in larger)


def test_the_picture_of_the_readme_is_the_one_its_code_draws():
    code = re.findall(r"^(?:>>>|\.\.\.) (.*)$", README.partition("## Install")[0], re.MULTILINE)
    names: dict = {}
    exec("\n".join(code), names)
    shown = texts_of(text("docs/neuron.svg"))
    assert {"w · x", "y = tanh(…)", "1.573", "−0.5", "1 − y2 = 0.7864"} <= set(shown)
    assert sorted(shown) == sorted(texts(names["picture"]))


def test_the_hooks_before_a_commit_are_linters_of_ci():
    hooks = re.findall(r"entry: (.*?)(?:,|$)", text(".pre-commit-config.yaml"), re.MULTILINE)
    linters = [line for line in text(".ci/run").splitlines() if line.startswith(("ruff", "lint-imports", "mypy"))]
    assert [hook.replace(" --force-exclude", "") for hook in hooks] == [
        linter.replace(" --check", "").removesuffix(" .") for linter in linters
    ]


# --------------------------------------------------------------------------- the comparison


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("comparison")


def test_the_comparison_has_ten_rows_and_each_is_checked(comparison):
    assert list(comparison.table_of_readme()) == [*comparison.FIGURES, *comparison.BEHAVIOURS]
    assert len(comparison.table_of_readme()) == 10


def test_the_figures_of_the_comparison_are_those_of_the_results(comparison):
    claims = comparison.table_of_readme()
    absent = dict.fromkeys(comparison.LIBRARIES, comparison.ABSENT)
    assert {row: absent | find() for row, find in comparison.FIGURES.items()} == {
        row: claims[row] for row in comparison.FIGURES
    }
    times = comparison.figures("two_moons", "times valuegrad_native", {"micrograd": "micrograd"})["micrograd"]
    assert f"[{times} times](benchmarks/RESULTS.md)" in README


def test_what_the_comparison_says_of_us_is_what_we_do(comparison):
    claims = comparison.table_of_readme()
    assert comparison.found("valuegrad") == {row: claims[row]["valuegrad"] for row in comparison.BEHAVIOURS}


# --------------------------------------------------------------------------- pages


def headings(path: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", prose(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_of_the_repository(page):
    for link in re.findall(r"\]\(([^)\s]*)\)", prose(page.read_text(encoding="utf-8"))):
        name, _, heading = link.partition("#")
        if link.startswith("https://"):
            continue
        target = (page.parent / name).resolve() if name else page
        is_source = target.relative_to(ROOT.resolve()).parts[0] in ("autograd", "nn")
        assert target.exists() or (is_source and not (ROOT / "autograd").exists()), link
        assert not heading or heading in headings(target), link


def test_commands_of_the_readme_run_programs_that_exist():
    assert all((ROOT / name).exists() for name in re.findall(r"python (\S+\.py)", README))
    assert "python demos/two_moons.py" in COMMANDS[0]


def test_every_page_is_in_the_index():
    pages = {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"}
    assert pages <= set(re.findall(r"^\| \[.*?\]\(([^)]*)\)", text("docs/README.md"), re.MULTILINE))


def test_the_number_of_special_values_is_that_of_the_table():
    decided = len(text("tests/operations/edges.csv").splitlines()) - 1
    assert f"[{decided} special values]" in text("docs/numbers.md")


def test_every_demo_is_listed():
    assert {path.name for path in (ROOT / "demos").glob("*.py")} == set(
        re.findall(r"`python demos/(\w+\.py)` \|", text("demos/README.md"))
    )


def test_functions_named_in_the_docs_are_public():
    (sentence,) = re.findall(r"alike:(.*?), \.\.\.", text("docs/functions.md"), re.DOTALL)
    assert all(hasattr(autograd, name) for name in re.findall(r"`(\w+)`", sentence))


def test_the_page_of_operations_is_written_from_the_rows():
    written = runpy.run_path(str(ROOT / "docs" / "operations.py"))
    assert text("docs/operations.md") == written["table"]()


def test_the_types_of_methods_are_written_from_the_rows():
    written = runpy.run_path(str(ROOT / "docs" / "operations.py"))
    types = Path(engine.__file__).with_name("methods.pyi")
    assert types.read_text(encoding="utf-8") == written["methods"]()
