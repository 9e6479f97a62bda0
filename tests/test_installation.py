"""What happens if HIPS autograd, which has our import name, is installed in the same place."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
import nn

REMEDY = "uninstall both, python -m pip uninstall -y autograd valuegrad, then install valuegrad again"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of packages that contains ours."""
    for package in (autograd, nn):
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, tmp_path / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(site: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program with that folder first on the path, and without any other installation of ours."""
    program = f"import sys; sys.path.insert(0, {str(site)!r}); {program}"
    return subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, cwd=site)


def test_alone_it_runs(site):
    done = run(site, "import autograd, nn; print(autograd.__file__)")
    assert (done.returncode, done.stdout.strip()) == (0, str(site / "autograd" / "__init__.py"))


@pytest.mark.parametrize("program", ["import autograd", "import nn"])
def test_files_of_the_other_among_ours_are_refused_with_the_remedy(site, program):
    (site / "autograd" / "tracer.py").write_text("")
    done = run(site, program)
    assert done.returncode == 1
    assert "ImportError: the package 'autograd' holds files of two distributions" in done.stderr
    assert REMEDY in done.stderr


def test_our_engine_overwritten_by_the_other_is_noticed_by_nn(site):
    (site / "autograd" / "__init__.py").write_text("from . import tracer\n")
    (site / "autograd" / "tracer.py").write_text("")
    done = run(site, "import nn")
    assert done.returncode == 1
    assert "ImportError: the package 'autograd' is not that of valuegrad" in done.stderr
    assert REMEDY in done.stderr


def test_our_engine_half_removed_with_the_other_is_noticed_by_nn(site):
    (site / "autograd" / "__init__.py").unlink()
    done = run(site, "import nn")
    assert done.returncode == 1
    assert "ImportError: the package 'autograd' is not that of valuegrad" in done.stderr
