"""A demo that records graphs learns the same with both engines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_demos import FOLDER, demo

pytestmark = [pytest.mark.campaign, pytest.mark.no_cover]


def test_losses_are_those_of_the_readable_engine(tmp_path: Path) -> None:
    code = "import sys; from demos import microgpt; print(microgpt.main(steps=2, out=sys.argv[1]).losses)"
    printed = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "VALUEGRAD_BACKEND": "python"},
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    losses = demo("microgpt").main(steps=2, out=tmp_path).losses
    assert printed.splitlines()[-1] == repr(losses)
