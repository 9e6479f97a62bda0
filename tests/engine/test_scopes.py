"""scopes(): the items of a loop, each in the scopes of its path, whatever else is entered meanwhile."""

import pickle
import threading

import numpy as np
import pytest

from autograd import Value, backend, no_grad, scope, scopes
from tests.engine.test_modes import X, nothing_stays_entered  # noqa: F401  # a fixture for each test
from tests.programs import engines
from tests.threads import at_once

PATHS = [("layer", "left"), ("layer", "right"), ("other",)]


def now():
    return (X * 1).scope


def test_each_item_is_handled_in_the_scopes_of_its_path():
    with scopes(PATHS) as each:
        assert now() == ()
        seen = [(item, now(), Value(1.0).scope) for item in each("abc")]
        assert now() == ()
    assert seen == [(item, path, path) for item, path in zip("abc", PATHS, strict=True)]
    assert now() == ()


@pytest.mark.parametrize("items", ["ab", ["a", "b"], ("a", "b"), iter("ab"), {"a": 1, "b": 2}], ids=type)
def test_items_are_any_iterable(items):
    with scopes(PATHS) as each:
        assert [(item, now()) for item in each(items)] == [("a", PATHS[0]), ("b", PATHS[1])]


def test_items_without_a_path_are_in_the_scopes_around_them():
    with scope("outer"), scopes(PATHS[:1]) as each:
        assert [now() for _ in each(range(3))] == [("outer", *PATHS[0]), ("outer",), ("outer",)]


def test_the_scopes_around_may_be_others_each_time():
    block = scopes(PATHS)
    for around in ("a", "b", "a"):
        with scope(around), block as each:
            assert [now() for _ in each(PATHS)] == [(around, *path) for path in PATHS]
    with block as each:
        assert [now() for _ in each(PATHS)] == PATHS


def test_each_loop_begins_with_the_first_path():
    with scopes(PATHS) as each:
        for _ in range(2):
            assert [now() for _ in each([1, 2])] == PATHS[:2]


def test_the_path_of_the_last_item_holds_after_a_break_until_the_block_ends():
    with scopes(PATHS) as each:
        for item in each([0, 1, 2]):
            if item == 1:
                break
        assert now() == PATHS[1]
    assert now() == ()


def test_an_exception_ends_it():
    with pytest.raises(ZeroDivisionError), scopes(PATHS) as each:
        [1 / i for i in each([0])]
    assert now() == ()


def test_other_modes_may_be_entered_for_an_item():
    inner = scopes([("in",), ("side",)])
    seen = []
    with scopes(PATHS) as each:
        for _ in each(range(2)):
            with scope("s"):
                seen.append(now())
                with inner as parts:
                    seen += [now() for _ in parts([1, 2])]
                seen.append(now())
            with no_grad():
                assert ((X * 1).op, now()) == (None, seen[0][:2] if len(seen) == 4 else PATHS[1])
            seen.append(now())
    a, b = PATHS[:2]
    parts = [(), ("s",), ("s", "in"), ("s", "side"), ("s",), ()]
    assert seen == [(*path, *part) for path in (a, b) for part in parts[1:]]


def test_one_object_may_be_entered_within_itself():
    block = scopes(PATHS)
    with block as each:
        for _ in each(range(1)):
            with block as again:
                assert [now() for _ in again(range(2))] == [(*PATHS[0], *path) for path in PATHS[:2]]
            assert now() == PATHS[0]


def test_a_loop_may_go_on_in_another_mode_than_it_began():
    with scopes(PATHS) as each:
        items = iter(each(range(3)))
        next(items)
        with scope("s"):
            assert now() == (*PATHS[0], "s")
            next(items)
            assert now() == (*PATHS[1], "s")
        assert now() == PATHS[1]


def test_a_suspended_body_does_not_name_the_nodes_of_its_caller():
    def numbers():
        with scopes(PATHS) as each:
            for _ in each(range(2)):
                yield now()

    with scope("caller"):
        generator = numbers()
        assert next(generator) == ("caller", *PATHS[0])
        assert now() == ("caller",)
        assert next(generator) == ("caller", *PATHS[1])
        generator.close()


def test_threads_that_loop_at_once_do_not_meet():
    block, failures = scopes(PATHS), []

    def work():
        for _ in range(300):
            with block as each:
                failures.extend(path for path in each(PATHS) if now() != path)

    at_once(4, work)
    assert failures == []


def test_a_loop_in_another_thread_names_the_nodes_of_the_thread_that_entered():
    with scopes(PATHS) as each:
        items, seen = iter(each(range(2))), []
        thread = threading.Thread(target=lambda: seen.append((next(items), now())))
        thread.start()
        thread.join()
        assert (seen, now()) == ([(0, ())], PATHS[0])


def test_the_numbers_of_items_may_change_in_the_loop():
    items = [1]
    with scopes(PATHS) as each:
        for item in each(items):
            items += [2] * (item == 1)
            assert now() == PATHS[item - 1]
    assert items == [1, 2]


@pytest.mark.skipif(backend != "native", reason="the compiled engine does not run")
def test_both_engines_record_the_scopes_of_each_item():
    for engine in engines():
        x = engine.Value(2.0)
        with scope("outer"), scopes(PATHS) as each:
            seen = [((x * 1).scope, engine.Value(1.0).scope) for _ in each(PATHS)]
        assert seen == [(("outer", *path),) * 2 for path in PATHS]


def test_it_decorates_prints_and_pickles():
    block = scopes([["a"], ("b", "c")])
    assert repr(block) == "scopes([('a',), ('b', 'c')])"
    assert pickle.loads(pickle.dumps(block)).paths == block.paths
    assert block(now)() == ()


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (3, r"scopes\(\) takes paths as a list, got int; "),
        (["layer"], r"a path of scopes is a tuple of names, got str; write \('layer 1', 'neuron 2'\)"),
        ([("layer", 1)], r"a path of scopes is a tuple of names, got tuple; write"),
    ],
)
def test_paths_are_tuples_of_names(paths, message):
    with pytest.raises(TypeError, match=message):
        scopes(paths)


def test_the_scope_of_a_value_may_be_set():
    x, y = Value(1.0), X * 2
    x.scope, y.scope = ("model", "layer"), ["model"]
    assert (x.scope, y.scope) == (("model", "layer"), ("model",))
    x.scope = ()
    assert x.scope == ()
    for wrong in ("model", None, [1], np.array(["a"])):
        with pytest.raises(TypeError, match="a path of scopes is a tuple of names, got "):
            x.scope = wrong
    with pytest.raises(AttributeError, match="property 'scope' of 'Value' object has no deleter"):
        del x.scope
