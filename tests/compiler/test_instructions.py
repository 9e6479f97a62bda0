"""The instructions of the machine: Python writes them and C reads them, by one description."""

import re
import subprocess
from pathlib import Path

import pytest

import autograd
from autograd import TABLE, backend, engine
from autograd.compiler import _machine
from autograd.compiler._machine import header
from autograd.compiler.instructions import DOT, GATE, INSTRUCTIONS, LANES, ROWS_PER_BLOCK


def test_each_instruction_has_a_number_of_its_own_above_those_of_the_operations():
    numbers = [instruction.number for instruction in INSTRUCTIONS]
    assert numbers == sorted(set(numbers))
    assert numbers[0] > 2 * len(TABLE)


def test_an_instruction_is_its_number_and_its_operands_in_order():
    assert GATE.encode(out=3, a=0, b=1, c=-1) == [246, 3, 0, 1, -1]
    code = DOT.encode(pairs=[7, -2, 8, 9], out=5, start=-1, n_uniform=1, n_varying=1, after=0, gate=0)
    assert code == [240, 5, -1, 1, 1, 0, 0, 7, -2, 8, 9]


def test_an_instruction_needs_all_of_its_operands():
    with pytest.raises(KeyError, match="c"):
        GATE.encode(out=3, a=0, b=1)


@pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=lambda x: x.name)
def test_single_integers_come_first_and_give_the_lengths_of_the_others(instruction):
    single = [name for name, length in instruction.fields if not length]
    assert [name for name, _ in instruction.fields[: len(single)]] == single
    names = dict.fromkeys(single, 2)
    for name, length in instruction.fields[len(single) :]:
        assert eval(length, {}, names) > 0, name
    assert len({name for name, _ in instruction.fields}) == len(instruction.fields)


def test_c_reads_what_python_writes(compiler, tmp_path):
    (tmp_path / "instructions.h").write_text(header.header(), encoding="utf-8")
    lines, wanted = [], [str(ROWS_PER_BLOCK), str(LANES)]
    for instruction in INSTRUCTIONS:
        operands: dict = {}
        for i, (name, length) in enumerate(instruction.fields):
            n = eval(length, {}, operands) if length else 0
            operands[name] = [100 * i + k for k in range(n)] if length else 2 + i
        code = instruction.encode(**operands)
        name = f"vg_{instruction.name.lower()}"
        lines.append(f"{{ static const int p[] = {{{', '.join(map(str, code))}}}; {name} x = {name}_at(p);")
        for field, length in instruction.fields:
            several = operands[field] if length else [operands[field]]
            lines += [f"SAY(x.{field}{f'[{k}]' if length else ''})" for k in range(len(several))]
            wanted += map(str, several)
        lines.append(f"SAY((int)(x.end - p)) SAY(VG_{instruction.name}) }}")
        wanted += [str(len(code)), str(instruction.number)]
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "instructions.h"\n#define SAY(x) printf("%d\\n", x);\n'
        "int main(void) {\nSAY(VG_WIDTH) SAY(VG_LANES)\n" + "\n".join(lines) + "\nreturn 0;\n}\n",
        encoding="utf-8",
    )
    program = tmp_path / "main"
    include = f"-I{Path(str(autograd.__file__)).parent / 'operations'}"
    command = [compiler, "-std=c99", include, tmp_path / "main.c", "-o", program, "-lm"]
    subprocess.run(command, check=True)
    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout.split() == wanted


def test_c_knows_no_number_of_an_instruction_but_from_the_description():
    folder = Path(str(autograd.__file__)).parent / "compiler" / "_machine"
    numbers = {str(instruction.number) for instruction in INSTRUCTIONS} | {str(ROWS_PER_BLOCK)}
    for source in [*folder.glob("*.h"), *folder.glob("*.c"), *folder.glob("*.pyx")]:
        text = re.sub(r"/\*.*?\*/", "", source.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not numbers.intersection(re.findall(r"(?<![\w.])(?<!e-)\d+(?![\w.])", text)), source


@pytest.mark.skipif(backend == "python", reason="the compiled engine does not run")
def test_a_machine_built_from_another_table_is_refused(monkeypatch):
    monkeypatch.setattr(engine.compiled, "fingerprint", lambda: 0)
    _machine.load.cache_clear()
    with pytest.raises(ImportError, match="was built from another table of operations; install valuegrad again"):
        _machine.load()
    monkeypatch.undo()
    assert _machine.load().fingerprint() == engine.compiled.fingerprint()


@pytest.mark.skipif(backend == "python", reason="the compiled engine does not run")
def test_a_machine_built_for_other_instructions_is_refused(monkeypatch):
    monkeypatch.setattr(header, "INSTRUCTIONS", INSTRUCTIONS[::-1])
    _machine.load.cache_clear()
    with pytest.raises(ImportError, match="was built for other instructions; install valuegrad again"):
        _machine.load()
    monkeypatch.undo()
    assert _machine.load().instructions() == header.fingerprint()


@pytest.mark.skipif(backend == "python", reason="the compiled engine does not run")
def test_the_numbers_of_operations_are_their_places_in_the_table():
    assert _machine.load().operation_numbers() == {name: i for i, name in enumerate(TABLE)}
