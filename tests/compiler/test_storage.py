"""Programs in files: data and no code, checked before they are used. States in pickles are checked in the same way."""

import copy
import json
import math
import os
import pickle
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest

from autograd import Program, Value, compile, grad, hessian, operation, relu, tanh, where
from autograd.compiler import validation
from autograd.compiler.pickling import FORMAT
from tests.effort import scaled
from tests.tampering import campaign


class Point(NamedTuple):
    x: float
    y: float


def saved(program, path):
    program.save(path)
    return Program.load(path)


def test_a_file_gives_the_program_back_with_its_parameters_and_derivatives(tmp_path):
    w = Value(3.0, label="w")
    w.grad = -0.5
    program = compile(lambda x: w * x if x > 0.0 else tanh(x))
    points = [2.0, -2.0, 1e-300]
    wanted = [program(x) for x in points], [program.grad(x) for x in points]
    program.backward([1.0, 2.0])
    loaded = saved(program, tmp_path / "program.json")
    assert ([loaded(x) for x in points], [loaded.grad(x) for x in points]) == wanted
    assert loaded.fingerprint == program.fingerprint
    assert str(loaded) == str(program)
    (v,) = loaded.parameters
    assert (v.data, v.grad, v.label) == (3.0, 1.0, "w")
    assert loaded.grad.parameters[0] is v
    assert loaded.backward([1.0, 2.0]) == 4.5
    assert (v.grad, w.grad) == (2.5, 1.0)


def test_a_stored_program_decides_as_before(tmp_path):
    program = compile(lambda a, b, c: where(a * b - c, 1.0 * a, 100.0 * a))
    point = [0.1], [3.0], [0.1 * 3.0]
    assert program.map(*point).tolist() == [10.0]
    for stored in (saved(program, tmp_path / "program.json"), pickle.loads(pickle.dumps(program))):
        assert stored.map(*point).tolist() == [10.0]


@pytest.mark.parametrize("constant", [math.inf, -math.inf, math.nan, -0.0, 5e-324, 0.1, 1e308, 2.0])
def test_constants_keep_their_bits(constant, tmp_path):
    program = compile(lambda x: [x + constant, constant], exact=True)
    wanted = program(1.0)
    assert repr(saved(program, tmp_path / "p")(1.0)) == repr(wanted)


def test_arguments_and_results_of_every_structure_are_kept(tmp_path):
    program = compile(lambda d, t: {"a": [d["x"], d[1]], ("b", 2.5, None, True): t[0] * t[1], 3: t[1]})
    arguments = {"x": 1.0, 1: 2.0}, (np.arange(4.0).reshape(2, 2), 0.5)
    wanted = program(*arguments)
    assert repr(saved(program, tmp_path / "p")(*arguments)) == repr(wanted)


@pytest.mark.parametrize("label", ["\ud800", "a\0b\n", "θ₁", '"\\', "*/"])
def test_a_label_is_kept_whatever_it_contains(label, tmp_path):
    w = Value(2.0, label=label)
    program = compile(lambda x: w * x)
    program(1.0)
    assert saved(program, tmp_path / "p").parameters[0].label == label


@pytest.mark.parametrize("readers", ["python", "native"])
def test_a_file_is_read_by_either_engine_in_another_process(readers, tmp_path):
    program = compile(hessian(lambda x: tanh(x[0]) * x[1] ** 3.0), exact=True)
    wanted = program([0.3, 2.0])
    program.save(tmp_path / "p")
    code = "import sys; from autograd import Program; print(Program.load(sys.argv[1])([0.3, 2.0]))"
    command = [sys.executable, "-c", code, str(tmp_path / "p")]
    environment = os.environ | {"VALUEGRAD_BACKEND": readers}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "VALUEGRAD_BACKEND=native" in done.stderr:
        pytest.skip("the compiled engine is not built")
    assert done.stdout.strip() == str(wanted)


def test_save_says_what_a_file_cannot_hold(tmp_path):
    path = tmp_path / "p"
    with pytest.raises(RuntimeError, match="was not traced yet; call it once"):
        compile(relu).save(path)
    program = compile(lambda p: p.x * p.y)
    program(Point(1.0, 2.0))
    with pytest.raises(TypeError, match="got the class Point; use a tuple instead, or pickle the program"):
        program.save(path)
    keyed = compile(lambda d: d[b"k"])
    keyed({b"k": 1.0})
    with pytest.raises(TypeError, match="keys that are text or numbers, got bytes; use other keys"):
        keyed.save(path)
    with pytest.raises(TypeError, match=r"Program.save\(\) takes the path of a file, got int"):
        keyed.save(3)
    assert not path.exists()
    with pytest.raises(TypeError, match=r"Program.load\(\) takes the path of a file, got NoneType"):
        Program.load(None)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_file_stays_as_it_was_unless_the_new_one_is_whole(step, tmp_path, monkeypatch):
    path = tmp_path / "p"
    saved(a_program(), path)
    before = path.read_bytes()
    other = compile(lambda x: x + 1.0)
    other(1.0)

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, step, stopped)
        with pytest.raises(KeyboardInterrupt):
            other.save(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before
    assert saved(other, path)(1.0) == 2.0


@pytest.mark.skipif(os.name != "posix", reason="modes, links and pipes are those of POSIX")
def test_a_file_keeps_its_mode_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path):
    path, link, pipe = tmp_path / "p", tmp_path / "link", tmp_path / "pipe"
    program = a_program()
    program.save(path)
    path.chmod(0o640)
    link.symlink_to(path)
    program.save(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR)
    program.save(pipe)
    assert os.read(end, 1 << 16) == path.read_bytes()
    os.close(end)
    assert pipe.is_fifo()


# --------------------------------------------------------------------------- damage


def a_program():
    w = Value(3.0, label="w")
    program = compile(lambda x: w * x if x > 0.0 else -x)
    assert (program(2.0), program(-1.0)) == (6.0, 1.0)
    program.backward([1.0, 2.0])
    return program


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: len(text) // 2], "no JSON in ASCII, or incomplete"),
        (lambda text: text.replace('"0.0"', '"1.0"'), "fingerprint does not fit"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "has another; compile the function again"),
        (lambda text: text.replace("valuegrad", "other"), "lacks the kind"),
        (lambda text: text.replace('"0.0"', "0.5"), "where floats are texts"),
        (lambda _: "[" * 100_000, "nested too deeply"),
        (lambda _: '{"kind": "valuegrad program", "version": 1}', "lacks a member"),
        (lambda _: "θ", "no JSON in ASCII"),
        (lambda _: "", "no JSON in ASCII"),
    ],
)
def test_a_file_that_was_changed_is_refused(change, message, tmp_path):
    path = tmp_path / "p"
    a_program().save(path)
    path.write_text(change(path.read_text(encoding="ascii")), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        Program.load(path)


def replaced(state, path, new):
    """The state with another part at a path of keys."""
    if not path:
        return new
    items = dict(state) if isinstance(state, dict) else list(state)
    items[path[0]] = replaced(state[path[0]] if path[1:] else None, path[1:], new)
    return tuple(items) if isinstance(state, tuple) else items


LISTING = ("specializations", 0, 2, 0, 0)
CHANGES = [
    ((*LISTING, 0), 5, "a listing has"),  # inputs: a machine that believes it reads beyond the end of memory
    ((*LISTING, 0), True, "a listing has"),
    ((*LISTING, 1), 0, "a listing has"),
    ((*LISTING, 2, 0), ("multiply", (1, 2)), "2 is neither a constant nor one of 2 registers"),
    ((*LISTING, 2, 0), ("multiply", (1, -1)), "-1 is neither a constant"),
    ((*LISTING, 2, 0), ("multiply", (1, True)), "True is neither a constant"),
    ((*LISTING, 2, 0), ("multiply", (1,)), "the operands of multiply"),
    ((*LISTING, 2, 0), ("multiply", [1, 0]), "the operands of multiply"),
    ((*LISTING, 2, 0), ("dot", (0.0, 1, 0)), "there is no operation 'dot'"),
    ((*LISTING, 2, 0), ("__import__('os').abort() or exp", (0,)), "is no operation"),
    ((*LISTING, 3, 0), 3, "3 is neither a constant nor one of 3 registers"),
    ((*LISTING, 3, 0), 2**70, "int is neither a constant"),
    ((*LISTING, 4, 0), ("or __import__('os').abort() or", 0, 0.0, True), "is no comparison"),
    ((*LISTING, 4, 0), (">", 9, 0.0, True), "9 is neither a constant"),
    ((*LISTING, 4, 0), (">", 0, 0.0, 1), "a guard gives 1, not a bool"),
    ((*LISTING, 5), [9], "9 is neither a constant"),
    ((*LISTING, 5), [1.0], "a decisive register is a constant"),
    ((*LISTING, 5), (1,), "a part of a listing is tuple"),
    (("specializations", 0, 0), (list, None, [(None,)]), "the arguments are no tuple"),
    (("specializations", 0, 0, 2, 0), ((5,),), "a listing has"),
    (("specializations", 0, 0, 2, 0), ((2**40,),), "is no size of an array"),
    (("specializations", 0, 0, 2, 0), (print, None, []), "is no list, tuple or dict"),
    (("specializations", 0, 1), True, "says whether results are summed"),
    (("specializations", 0, 2, 0, 2, 0), 1, "1 is no position among 1 parameters"),
    (("specializations", 0, 2, 0, 1), (dict, ("a",), [(None,), (None,)]), "the keys of a dict of 2"),
    (("specializations", 0, 2, 0, 1), (Point, None, [(None,)]), "a Point of 1"),
    (("reductions", 0, 2, 0, 1), (tuple, None, [(None,)]), "the result of backward"),
    (("parameters", 0), 3.0, "no leaf Value"),
    (("parameters", 0), Value(1.0) * 2.0, "no leaf Value"),
    (("derivatives", "grad"), Program.__new__(Program), "a derivative is no program"),
    (("derivatives", "map"), a_program(), "no dict of 'grad' and 'value_and_grad'"),
    (("exact",), 1, "not a bool"),
    (("format",), "2", "has the format .2., and this"),
    (("more",), 1, "lacks a member, or has too many"),
]


@pytest.mark.parametrize(("path", "new", "message"), CHANGES)
def test_a_pickled_state_that_was_changed_is_refused_and_leaves_nothing(path, new, message):
    program = Program.__new__(Program)
    with pytest.raises(ValueError, match=message):
        program.__setstate__(replaced(a_program().__getstate__(), path, new))
    assert vars(program) == {}
    whole = a_program()
    before = dict(vars(whole))
    with pytest.raises(ValueError, match=message):
        whole.__setstate__(replaced(a_program().__getstate__(), path, new))
    assert vars(whole) == before


@pytest.mark.parametrize("state", [None, [], {}, 3, "state", {"format": FORMAT}])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(ValueError, match="this is no stored program"):
        Program.__new__(Program).__setstate__(state)


def test_a_program_is_not_its_own_derivative():
    program = a_program()
    state = program.__getstate__()
    for other in (program, pickle.loads(pickle.dumps(program))):
        vars(other)["grad"] = program
        with pytest.raises(ValueError, match="its own derivative"):
            program.__setstate__(state | {"derivatives": {"grad": other}})


def test_a_structure_that_holds_itself_is_refused(monkeypatch):
    monkeypatch.setattr(validation, "MOST_PARTS", 20_000)
    state = a_program().__getstate__()
    tree = (tuple, None, [])
    tree[2].append(tree)
    shared = (list, None, [])
    for _ in range(90):
        shared = (list, None, [shared, shared])
    for bad in (tree, (tuple, None, [shared])):
        with pytest.raises(ValueError, match="a structure has 0 numbers"):
            Program.__new__(Program).__setstate__(replaced(state, ("specializations", 0, 0), bad))


def test_an_operation_that_is_not_defined_here_is_named():
    state = replaced(a_program().__getstate__(), (*LISTING, 2, 0), ("my_missing_operation", (0,)))
    with pytest.raises(ValueError, match=r"no operation 'my_missing_operation' .* define it first"):
        Program.__new__(Program).__setstate__(state)


def test_copies_of_a_state_load(tmp_path):
    twice = operation("twice_in_a_file", lambda a: 2.0 * a, ("2.0",))
    program = compile(lambda x: twice(x) + grad(twice)(x))
    program(1.0)
    other = Program.__new__(Program)
    other.__setstate__(copy.deepcopy(program.__getstate__()))
    assert other(3.0) == saved(program, tmp_path / "p")(3.0) == program(3.0)


def test_the_fingerprint_does_not_depend_on_white_space(tmp_path):
    path = tmp_path / "p"
    a_program().save(path)
    document = json.loads(path.read_text(encoding="ascii"))
    path.write_text(json.dumps(document, indent=2, sort_keys=True), encoding="ascii")
    assert Program.load(path)(2.0) == 6.0


def test_states_that_were_tampered_with_are_refused_or_run():
    n = scaled(2000)
    n_loaded = sum(campaign(n, seed=1))
    assert n // 10 < n_loaded < n // 2
