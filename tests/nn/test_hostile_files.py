"""Files that are no models, or were made to harm: each is refused with a sentence, and changes nothing."""

import json
import math
import tracemalloc

import numpy as np
import pytest

import nn
from nn import MLP, Neuron
from nn.files import safetensors
from tests.effort import scaled
from tests.hostile_files import DATA, Own, campaign, entry, file_of, is_refusal, load, refused_files, stepped


def refusal(function, path):
    with pytest.raises(ValueError, match="; ") as caught:
        function(path)
    assert is_refusal(caught.value), caught.value
    return str(caught.value)


@pytest.mark.parametrize(("kind", "data"), refused_files().items(), ids=lambda x: x if isinstance(x, str) else "")
def test_a_hostile_file_is_refused_with_a_sentence(kind, data, tmp_path):
    path = tmp_path / "model"
    path.write_bytes(data)
    model = Own()
    assert load(path, model, stepped(model)) == 0, kind
    assert refusal(nn.load_state, path) == refusal(lambda path: nn.load(path, into=Own()), path)


def test_legal_files_are_read(tmp_path):
    path = tmp_path / "model"
    numbers = [math.nan, math.inf, -math.inf, -0.0]
    path.write_bytes(file_of({"a": entry([4], [0, 32])}, np.array(numbers).tobytes()))
    assert repr(nn.load_state(path)["a"].tolist()) == repr(numbers)
    path.write_bytes(file_of(json.dumps({"b": entry([], [8, 16]), "a": entry([1, 1], [0, 8])}) + "   ", DATA))
    assert list(nn.load_state(path)) == ["a", "b"]
    path.write_bytes(file_of({"a": entry([0, 3], [0, 0]), "b": entry(), "c": entry([2, 0], [16, 16])}, DATA))
    assert {name: array.shape for name, array in nn.load_state(path).items()} == {"a": (0, 3), "b": (2,), "c": (2, 0)}
    path.write_bytes(file_of("{}"))
    assert nn.load_state(path) == {}


def test_files_of_other_formats_are_named(tmp_path):
    path = tmp_path / "model"
    for kind, words in [
        ("43 a pickle", "it is a pickle, which can run code; convert it with the library that wrote it"),
        ("43 a zip archive", "it is a zip archive, as torch.save and numpy.savez write it; convert it"),
        ("43 an HDF5 file", "it is an HDF5 file; convert it"),
    ]:
        path.write_bytes(refused_files()[kind])
        assert words in refusal(nn.load, path)


# --------------------------------------------------------------------------- the architecture

MODEL = {"kind": "MLP", "n_inputs": 2, "sizes": [3, 1], "activations": ["relu", "linear"]}


def with_architecture(path, architecture, **metadata):
    """A file whose arrays fit MODEL, with another architecture."""
    nn.save(MLP(2, [3, 1]), path)
    data = path.read_bytes()
    n = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + n])
    text = architecture if isinstance(architecture, str) else json.dumps(architecture)
    header["__metadata__"].update({"architecture": text, **metadata})
    path.write_bytes(file_of(header, data[8 + n :]))


@pytest.mark.parametrize(
    "architecture",
    [
        "", "null", "[]", "{", "{}", '{"kind": "MLP", "kind": "MLP"}', '{"kind": NaN}', '{"kind": 1e999}',
        '{"a":' * 100_000 + "1" + "}" * 100_000, '{"kind": "MLP"} ', json.dumps(MODEL)[:-1], json.dumps(MODEL) + "}",
        MODEL | {"kind": "mlp"}, MODEL | {"kind": "Program"}, MODEL | {"kind": "os.system"}, MODEL | {"kind": ["MLP"]},
        MODEL | {"kind": None}, MODEL | {"kind": "Module"}, MODEL | {"kind": "Layer"}, MODEL | {"extra": 1},
        MODEL | {"n_inputs": 3}, MODEL | {"n_inputs": 0}, MODEL | {"n_inputs": True}, MODEL | {"n_inputs": 2.0},
        MODEL | {"n_inputs": "2"}, MODEL | {"n_inputs": 10**18}, MODEL | {"n_inputs": 10**30},
        MODEL | {"sizes": []}, MODEL | {"sizes": [3]}, MODEL | {"sizes": [3, 1, 1]}, MODEL | {"sizes": 3},
        MODEL | {"sizes": [3, True]}, MODEL | {"sizes": [10**9, 10**9]}, MODEL | {"sizes": [[3], [1]]},
        MODEL | {"sizes": {"3": 1}}, MODEL | {"sizes": [1] * 100_000},
        json.dumps(MODEL)[:-1] + ', "p": 0.' + "1" * 1_000_000 + "}",
        MODEL | {"activations": ["relu"]}, MODEL | {"activations": ["relu", "system"]},
        MODEL | {"activations": ["relu", "__class__"]}, MODEL | {"activations": [["relu"], "linear"]},
        MODEL | {"activations": "relu"}, {"kind": "Neuron", "n_inputs": 2, "activation": "relu"},
        {"kind": "Layer", "n_inputs": 2, "n_outputs": 3, "activation": "relu"}, {"kind": "Sequential", "modules": []},
        {"kind": "Sequential", "modules": [MODEL]}, {"kind": "Sequential", "modules": [1]},
        {"kind": "Sequential", "modules": MODEL}, {"kind": "Sequential", "modules": [{"kind": "os.system"}]},
        {"kind": "Dropout", "p": True}, {"kind": "Dropout", "p": None}, {"kind": "Dropout", "p": "0.5", "rng": 1},
        {"kind": "LeakyReLU", "negative_slope": float("nan")}, {"kind": "Tanh", "function": "print"},
    ],
    ids=lambda x: str(x)[:60],
)  # fmt: skip
def test_an_architecture_of_no_known_form_is_refused(architecture, tmp_path):
    with_architecture(tmp_path / "model", architecture)
    assert "architecture" in refusal(nn.load, tmp_path / "model")
    assert nn.load_state(tmp_path / "model").keys() == MLP(2, [3, 1]).state_dict().keys()


def test_settings_that_no_module_has_are_refused_when_it_is_built(tmp_path):
    path = tmp_path / "model"
    for config in ({"kind": "Dropout", "p": 1.5}, {"kind": "Dropout", "p": -0.5}):
        metadata = {"format": "valuegrad", "version": "1", "architecture": json.dumps(config)}
        path.write_bytes(file_of({"__metadata__": metadata}))
        assert "p of Dropout is a probability from 0 to 1" in refusal(nn.load, path)
    nested = {"kind": "Tanh"}
    for _ in range(60):
        nested = {"kind": "Sequential", "modules": [nested]}
    metadata["architecture"] = json.dumps(nested)
    path.write_bytes(file_of({"__metadata__": metadata}))
    assert "its architecture is more than 50 deep" in refusal(nn.load, path)


def test_an_architecture_that_is_right_builds_the_model(tmp_path):
    with_architecture(tmp_path / "model", MODEL | {"activations": ["tanh", "silu"]})
    assert repr(nn.load(tmp_path / "model").layers[1]) == "Layer(3, 1, activation='silu')"


def test_files_of_other_versions_and_programs_are_named(tmp_path):
    with_architecture(tmp_path / "model", MODEL, version="2")
    assert "another version of valuegrad saved the file; update" in refusal(nn.load, tmp_path / "model")
    with_architecture(tmp_path / "model", MODEL, format="pt")
    assert "no architecture; build the model" in refusal(nn.load, tmp_path / "model")


def test_sizes_are_checked_before_there_is_memory_for_them(tmp_path):
    path = tmp_path / "model"
    header = {"__metadata__": {"format": "valuegrad", "version": "1", "architecture": json.dumps(MODEL)}}
    header["layers.0.weight"] = entry([10**8], [0, 8 * 10**8])
    path.write_bytes(file_of(header))
    size = path.stat().st_size
    with open(path, "r+b") as file:
        file.truncate(size + 8 * 10**8)  # a file of zeros that takes no space
    into = Own()
    former = into.state_dict()
    tracemalloc.start()
    refusal(nn.load, path)
    assert "the state does not fit Own" in refusal(lambda path: nn.load(path, into=into), path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
    assert {name: array.tolist() for name, array in former.items()} == {
        name: array.tolist() for name, array in into.state_dict().items()
    }
    with open(path, "r+b") as file:
        file.truncate(2**30 + 1)
    assert "it is larger than 1,073,741,824 bytes" in refusal(nn.load_state, path)


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "model"
    nn.save(Neuron(20_000), path)
    checked = safetensors._header

    def shrinks(file, size):
        header = checked(file, size)
        with open(path, "r+b") as other:
            other.truncate(size - 4)
        return header

    monkeypatch.setattr(safetensors, "_header", shrinks)
    model = Neuron(20_000)
    former = [p.data for p in model.parameters()]
    assert "it ended within" in refusal(lambda path: nn.load(path, into=model), path)
    assert [p.data for p in model.parameters()] == former


@pytest.mark.parametrize("seed", range(4))
def test_changed_files_are_refused_or_load(seed):
    loaded = sum(ways > 0 for ways in campaign(scaled(250), seed))
    assert loaded > 0
