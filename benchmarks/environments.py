"""Finds the peers, and makes a virtual environment for each."""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
CHECKOUT = FOLDER.parent
PACKAGES = ("autograd", "nn")
BUILT = (".pyc", ".pyd", ".so")


class MissingError(Exception):
    """A peer cannot be installed; the message says why."""


class Peer(NamedTuple):
    """What run.py knows about a peer without importing it."""

    name: str
    requirements: list
    variables: dict
    module: str | None
    home: str  # the folder of its environment

    def environment(self):
        """The environment variables of its processes: those of this process without the ones that redirect Python."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VALUEGRAD"))}
        return inherited | self.variables


def peers():
    """Each file in peers/ that states REQUIREMENTS, by name; ours first. Equal ones share an environment."""
    found, homes = {}, {}
    for path in sorted(FOLDER.glob("peers/*.py"), key=lambda path: (not path.stem.startswith("valuegrad"), path.stem)):
        constants = {}
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
                try:
                    constants[node.targets[0].id] = ast.literal_eval(node.value)
                except ValueError:  # not a literal, so not needed here
                    continue
        if "REQUIREMENTS" in constants:
            requirements, variables = constants["REQUIREMENTS"], constants.get("ENVIRONMENT", {})
            home = homes.setdefault(repr((requirements, variables)), path.stem)
            found[path.stem] = Peer(path.stem, requirements, variables, constants.get("IMPORT"), home)
    return found


def python_of(peer, cache):
    """The interpreter in the environment of a peer. The environment is made if it is missing or out of date."""
    folder = cache / peer.home
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed"
    wanted = fingerprint(peer)
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        print(f"Installing {peer.home} ...", file=sys.stderr, flush=True)
        run(peer, "venv", [sys.executable, "-m", "venv", "--clear", folder])
        if peer.requirements:
            with tempfile.TemporaryDirectory() as scratch:
                requirements = [copied_checkout(scratch) if r == "." else r for r in peer.requirements]
                run(peer, "pip", [python, "-m", "pip", "install", "--disable-pip-version-check", *requirements])
        stamp.write_text(wanted, encoding="ascii")
    code = f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import peers.{peer.name}"
    run(peer, "import", [python, "-I", "-c", code])
    return python


def run(peer, what, command):
    done = subprocess.run(command, env=peer.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()]
        raise MissingError(f"{what} failed: {(errors or lines or [f'exit code {done.returncode}'])[-1]}")


def copied_checkout(scratch):
    """A copy of the repository without the files of earlier builds, which setuptools would pack again."""
    leftovers = shutil.ignore_patterns(".*", "build", "dist", "out", "*.egg-info", *(f"*{suffix}" for suffix in BUILT))
    return shutil.copytree(CHECKOUT, Path(scratch, "checkout"), ignore=leftovers)


def fingerprint(peer):
    """A hash of what an environment is made of: the Python, what it needs, and our sources if the peer is ours."""
    digest = hashlib.sha256(repr((sys.version, peer.requirements, peer.variables)).encode())
    if "." in peer.requirements:
        sources = [path for package in PACKAGES for path in CHECKOUT.glob(f"{package}/**/*") if path.is_file()]
        for path in sorted([*sources, *CHECKOUT.glob("*.toml"), *CHECKOUT.glob("*.py")]):
            if path.suffix not in BUILT:
                digest.update(path.read_bytes())
    return digest.hexdigest()
