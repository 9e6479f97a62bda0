"""save, load and load_state: what comes back, what is refused, and that a file is whole or absent."""

import errno
import json
import math
import os
import random
import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import Value, tanh
from nn import MLP, Layer, Module, Neuron
from nn.files import safetensors
from tests.hostile_files import Own, entry, file_of

INPUTS = [0.5, -1.5]


def drawn(seed=0):
    return random.Random(seed)


def reloaded(model, path):
    nn.save(model, path)
    return nn.load(path)


def bits(model):
    return [p.data.hex() for p in model.parameters()]


# --------------------------------------------------------------------------- what comes back


@pytest.mark.parametrize(
    "model",
    [
        MLP(2, [3, 2, 1], rng=drawn()),
        MLP(2, [3, 2], activation="tanh", rng=drawn()),
        Layer(2, 3, activation="gelu", rng=drawn()),
        Layer(2, 1, nonlin=False, rng=drawn()),
        Neuron(2, activation="sigmoid", rng=drawn()),
        *(kind() for kind in (nn.Identity, nn.ReLU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Tanh)),
        nn.Linear(2, 3, rng=drawn()),
        nn.Linear(2, 1, bias=False, rng=drawn()),
        nn.LayerNorm(2, 1e-3),
        nn.RMSNorm(2),
        nn.Sequential(nn.Linear(2, 4, rng=drawn()), nn.Tanh(), MLP(4, [2, 2], rng=drawn()), nn.Softmax()),
        nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(2, 1, rng=drawn())))),
        nn.Sequential(nn.Dropout(0.25), nn.RMSNorm(2), nn.LayerNorm(2)).eval(),
        nn.Softmax(),
        nn.LogSoftmax(),
        nn.LeakyReLU(-0.25),
        nn.ELU(2.0),
    ],
    ids=repr,
)
def test_a_model_comes_back_with_its_class_its_activations_and_its_bits(model, tmp_path):
    loaded = reloaded(model, tmp_path / "model")
    assert type(loaded) is type(model)
    assert repr(loaded) == repr(model)
    assert bits(loaded) == bits(model)
    assert repr(loaded.eval()(INPUTS)) == repr(model.eval()(INPUTS))
    assert [p.label for p in loaded.parameters()] == [p.label for p in model.parameters()]


def test_an_embedding_and_the_order_of_ten_modules_come_back(tmp_path):
    rows = nn.Embedding(4, 3, rng=drawn())
    parts = [nn.Linear(3, 3, rng=drawn(i)) for i in range(11)]
    model = nn.Sequential(rows, *parts)
    loaded = reloaded(model, tmp_path / "model")
    assert repr(loaded) == repr(model)
    assert [y.data for y in loaded(2)] == [y.data for y in model(2)]


def test_layers_whose_activation_was_changed_come_back_so(tmp_path):
    model = MLP(2, [3, 1], rng=drawn())
    model.layers[1] = Layer(3, 1, activation="sigmoid", rng=drawn(1))
    loaded = reloaded(model, tmp_path / "model")
    assert loaded(INPUTS).data == model(INPUTS).data
    assert repr(loaded) == repr(model)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1])
def test_numbers_of_every_kind_keep_their_bits(number, tmp_path):
    model = Neuron(1, rng=drawn())
    model.w[0].data = number
    assert bits(reloaded(model, tmp_path / "model"))[0] == number.hex()


def test_to_load_draws_no_random_number_of_others(tmp_path):
    nn.save(MLP(2, [3, 1]), tmp_path / "model")
    before = random.getstate()
    nn.load(tmp_path / "model")
    assert random.getstate() == before


def test_a_model_of_an_own_class_takes_its_numbers_from_a_file(tmp_path):
    saved, other = Own(), Own()
    for p in saved.parameters():
        p.data += 1.0
    nn.save(saved, tmp_path / "own")
    with pytest.raises(ValueError, match=r"no architecture; build the model, then load\(path, into=model\)"):
        nn.load(tmp_path / "own")
    assert nn.load(tmp_path / "own", into=other) is other
    assert bits(other) == bits(saved)


def test_a_sequence_with_a_module_of_an_own_class_takes_its_numbers_from_a_file(tmp_path):
    saved, other = (nn.Sequential(nn.Linear(2, 2, rng=drawn(i)), Own()) for i in range(2))
    nn.save(saved, tmp_path / "own")
    with pytest.raises(ValueError, match="no architecture"):
        nn.load(tmp_path / "own")
    assert bits(nn.load(tmp_path / "own", into=other)) == bits(saved)


def test_a_module_that_holds_itself_is_refused(tmp_path):
    model = nn.Sequential(nn.Linear(1, 1, rng=drawn()))
    model.append(model)
    with pytest.raises(ValueError, match="cannot save the architecture of Sequential: it is more than 50 deep; save"):
        nn.save(model, tmp_path / "model")


def test_a_state_is_saved_and_read_as_arrays(tmp_path):
    state = MLP(2, [3, 1], rng=drawn()).state_dict()
    nn.save(state, tmp_path / "state")
    read = nn.load_state(tmp_path / "state")
    assert list(read) == list(state)
    for name, array in state.items():
        assert read[name].dtype == np.float64
        assert read[name].flags.writeable
        np.testing.assert_array_equal(read[name], array)
    other = MLP(2, [3, 1], rng=drawn(1))
    assert not any(other.load_state_dict(read))


def test_arrays_and_lists_of_any_numbers_are_saved(tmp_path):
    turned = np.arange(6).reshape(2, 3).T
    arrays = {"a": [1, 2], "b": np.float32([[0.5]]), "c": True, "empty": np.zeros((0, 3)), "t": turned}
    nn.save(arrays, tmp_path / "arrays")
    read = nn.load_state(tmp_path / "arrays")
    assert {name: array.tolist() for name, array in read.items()} == {
        "a": [1.0, 2.0], "b": [[0.5]], "c": 1.0, "empty": [], "t": [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]],
    }  # fmt: skip
    assert read["empty"].shape == (0, 3)


# --------------------------------------------------------------------------- the format


def test_the_bytes_are_those_of_safetensors(tmp_path):
    model = Neuron(2, activation="tanh", rng=drawn())
    nn.save(model, tmp_path / "model")
    data = (tmp_path / "model").read_bytes()
    n = int.from_bytes(data[:8], "little")
    assert n % 8 == 0
    header = json.loads(data[8 : 8 + n])
    metadata = header.pop("__metadata__")
    assert header == {
        "w": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]},
        "b": {"dtype": "F64", "shape": [], "data_offsets": [16, 24]},
    }
    assert metadata.keys() == {"format", "version", "architecture"}
    assert json.loads(metadata["architecture"]) == {"kind": "Neuron", "n_inputs": 2, "activation": "tanh"}
    assert np.frombuffer(data[8 + n :], "<f8").tolist() == [p.data for p in model.parameters()]


# safetensors.torch.save({"b": torch.tensor([1.5, -2, 0.1], dtype=torch.bfloat16), "a": torch.ones(1, 2)},
#                        {"format": "pt"}), of safetensors 0.8.0
FOREIGN = (
    b'\x90\0\0\0\0\0\0\0{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},'
    b'"b":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]}}  \0\0\x80?\0\0\x80?\xc0?\0\xc0\xcd='
)


def test_a_file_of_another_library_is_read(tmp_path):
    (tmp_path / "foreign").write_bytes(FOREIGN)
    read = nn.load_state(tmp_path / "foreign")
    assert {name: array.tolist() for name, array in read.items()} == {
        "a": [[1.0, 1.0]],
        "b": [1.5, -2.0, 0.10009765625],
    }
    with pytest.raises(ValueError, match=r"no architecture; build the model, then load\(path, into=model\)"):
        nn.load(tmp_path / "foreign")


def test_another_library_reads_our_files(tmp_path):
    real = pytest.importorskip("safetensors.numpy", reason="the package safetensors is not installed")
    model = Own()
    nn.save(model, tmp_path / "model")
    read = real.load_file(tmp_path / "model")
    assert {name: array.tolist() for name, array in read.items()} == {
        name: array.tolist() for name, array in model.state_dict().items()
    }
    real.save_file(read, tmp_path / "theirs")
    assert nn.load(tmp_path / "theirs", into=Own()).state_dict().keys() == read.keys()


def test_types_of_floats_are_read_and_others_are_named(tmp_path):
    path = tmp_path / "numbers"
    numbers = np.float32(0.1).tobytes() + np.float16([1.5, -2.0]).tobytes() + bytes.fromhex("c03f 80ff 0100")
    header = {
        "half": entry([2], [4, 8], "F16"),
        "single": entry([1, 1], [0, 4], "F32"),
        "brain": entry([3], [8, 14], "BF16"),
    }
    path.write_bytes(file_of(header, numbers))
    read = nn.load_state(path)
    assert read["half"].tolist() == [1.5, -2.0]
    assert read["single"].tolist() == [[0.10000000149011612]]
    assert read["brain"].tolist() == [1.5, -math.inf, 2.0**-133]
    path.write_bytes(file_of({"index": entry(dtype="I64")}, bytes(16)))
    with pytest.raises(ValueError, match="the numbers of 'index' are 'I64'; only F64, F32, F16, BF16 are read"):
        nn.load_state(path)


# --------------------------------------------------------------------------- what cannot be saved


def test_functions_of_the_user_and_changed_models_are_refused_with_what_to_do(tmp_path):
    path = tmp_path / "model"
    changed = MLP(2, [2, 1], rng=drawn())
    changed.layers[0].neurons[0].activation = tanh
    tied = MLP(1, [1, 1], rng=drawn())
    tied.layers[1].neurons[0].w = tied.layers[0].neurons[0].w
    more = Layer(1, 1, rng=drawn())
    more.scale = Value(1.0)
    twice = nn.Linear(1, 1, rng=drawn())
    deep = nn.Sequential(nn.Linear(1, 1, rng=drawn()))
    for _ in range(60):
        deep = nn.Sequential(deep)
    slope = nn.LeakyReLU()
    slope.negative_slope = math.nan
    odd = MLP(1, [1], rng=drawn())
    odd.layers.append(Neuron(1, rng=drawn()))
    for model, reason in [
        (MLP(2, [2, 1], activation=lambda x: x * x, rng=drawn()), "its activation is a function of your own"),
        (changed, "its neurons differ"),
        (tied, "was changed after it was built, or shares parameters"),
        (more, "was changed after it was built, or shares parameters"),
        (odd, "it holds something other than layers"),
        (nn.Sequential(twice, nn.Tanh(), twice), "was changed after it was built, or shares parameters"),
        (deep, "its architecture is more than 50 deep"),
        (slope, "its architecture has wrong settings for LeakyReLU"),
    ]:
        with pytest.raises(ValueError, match=f"{reason}; save.* saves the numbers, for load"):
            nn.save(model, path)
        assert not path.exists()
        nn.save(model.state_dict(), path)
        assert nn.load(path, into=model) is model
        path.unlink()


class Named(Module):
    def __init__(self, *names):
        self.values = {name: Value(1.0) for name in names}


@pytest.mark.parametrize("name", ["", "..", "a/../b", "__class__", "\0", "é\n", "\ud800", "n" * 1001])
def test_names_that_load_refuses_are_not_saved(name, tmp_path):
    with pytest.raises(ValueError, match=r"cannot save an array named .*; rename the attribute or the key"):
        nn.save({name: [1.0]}, tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.b", "weights/left", "é", "_x", "__x", "'", '"', " ", "n" * 900])
def test_names_that_save_takes_come_back(name, tmp_path):
    model = Named(name)
    nn.save(model, tmp_path / "model")
    assert nn.load_state(tmp_path / "model") == model.state_dict()
    assert nn.load(tmp_path / "model", into=model) is model


def test_too_many_arrays_and_bytes_are_refused(tmp_path, monkeypatch):
    zero = np.zeros(())
    with pytest.raises(ValueError, match="a file has at most 50,000 arrays; keep Values in lists of equal lengths"):
        nn.save({f"a{i}": zero for i in range(safetensors.MOST_ARRAYS + 1)}, tmp_path / "model")
    monkeypatch.setattr(safetensors, "LARGEST", 8_000)
    with pytest.raises(ValueError, match="a file has at most 8,000 bytes; save the parts of the model"):
        nn.save({"a": np.zeros(1000)}, tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("model", [None, [1.0], Value(1.0), "model", MLP])
def test_what_is_no_model_is_refused(model, tmp_path):
    with pytest.raises(
        TypeError, match=r"save\(\) takes a Module, an Optimizer or arrays by name, got .*; save\(model, path\)"
    ):
        nn.save(model, tmp_path / "model")


def test_arguments_are_checked(tmp_path):
    model = Neuron(1, rng=drawn())
    with pytest.raises(TypeError, match="got a name of type int; write it as text"):
        nn.save({1: [1.0]}, tmp_path / "model")
    with pytest.raises(TypeError, match=r"save\(\) takes arrays of real numbers, got an array of .* for a; convert it"):
        nn.save({"a": ["x"]}, tmp_path / "model")
    for function in (lambda path: nn.save(model, path), nn.load, nn.load_state):
        for path in (None, 3, b"model", ["model"]):
            with pytest.raises(TypeError, match=r"takes the path of a file, got \w+; write 'model.safetensors'"):
                function(path)
        for path in ("", "a\0b"):
            with pytest.raises(ValueError, match=r"takes the path of a file, got '.*'; write 'model"):
                function(path)
    with pytest.raises(
        TypeError, match=r"load\(\) takes a Module or an Optimizer for into, got dict; load\(path, into=model\)"
    ):
        nn.load(tmp_path / "model", into={})
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "absent")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*absent'; make it with os.makedirs\(\)"):
        nn.save(model, tmp_path / "absent" / "model")


# --------------------------------------------------------------------------- files that are no plain files


def test_folders_and_pipes_are_refused_without_waiting(tmp_path):
    paths = [tmp_path, "/dev/null"] if os.path.exists("/dev/null") else [tmp_path]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        paths.append(tmp_path / "pipe")
    for path in paths:
        for function in (lambda path: nn.save(Neuron(1), path), nn.load, nn.load_state):
            with pytest.raises(ValueError, match="got a folder or a device; add the file's name"):
                function(path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
def test_a_link_stays_a_link_and_a_file_keeps_its_mode(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    nn.save(Neuron(1), target)
    target.chmod(0o640)
    link.symlink_to(target)
    model = Neuron(3, rng=drawn())
    nn.save(model, link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert bits(nn.load(target)) == bits(nn.load(link)) == bits(model)
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(OSError, match="link"):
        nn.load(link)


def test_files_and_other_libraries_are_imported_only_when_they_are_used():
    lazy = ["nn.files", "nn.files.onnx", "nn.files.pytorch", "torch", "onnx", "safetensors"]
    use = "nn.save, nn.to_onnx, nn.to_torch; assert 'torch' not in sys.modules"
    code = f"import sys, nn; assert not sys.modules.keys() & set({lazy}); {use}"
    subprocess.run([sys.executable, "-c", code], check=True)


# --------------------------------------------------------------------------- whole or absent


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_save_leaves_the_former_file(step, error, tmp_path, monkeypatch):
    def fails(*_):
        raise error

    path = tmp_path / "model"
    nn.save(Neuron(1), path)
    former = path.read_bytes()
    monkeypatch.setattr(os, step, fails)
    with pytest.raises(type(error)):
        nn.save(Neuron(5), path)
    assert path.read_bytes() == former
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of this kind")
def test_a_full_disk_leaves_the_former_file(tmp_path):
    path = tmp_path / "model"
    model = Neuron(1, rng=drawn())
    nn.save(model, path)
    code = (
        "import nn, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
        "nn.save({'a': [0.0] * 10_000}, sys.argv[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert "OSError" in done.stderr
    assert list(tmp_path.iterdir()) == [path]
    assert bits(nn.load(path)) == bits(model)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_is_read_only_is_kept(tmp_path):
    nn.save(Neuron(1), tmp_path / "model")
    (tmp_path / "model").chmod(0o400)
    with pytest.raises(PermissionError, match="is read-only; allow writing, or choose another path"):
        nn.save(Neuron(1), tmp_path / "model")
