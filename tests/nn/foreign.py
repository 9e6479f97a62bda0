"""Stand-ins for frames and tensors of other libraries: objects that have their methods."""

import numpy as np


class Tensor:
    """A stand-in for a tensor of PyTorch that has a gradient: NumPy gets it only by detach().cpu().numpy()."""

    def __init__(self, array, steps=("detach", "cpu")):
        self.array, self.steps = array, steps

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def __getitem__(self, i):
        return Tensor(self.array[i])

    def __len__(self):
        return len(self.array)

    def detach(self):
        return Tensor(self.array, tuple(step for step in self.steps if step != "detach"))

    def cpu(self):
        return Tensor(self.array, tuple(step for step in self.steps if step != "cpu"))

    def numpy(self):
        assert not self.steps
        return self.array


class BFloat16(Tensor):
    """A tensor of a type that NumPy lacks."""

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        raise TypeError("Got unsupported ScalarType BFloat16")

    def double(self):
        return Tensor(self.array, ())


class Series:
    """A stand-in for a column of a frame; mask is a method of that of pandas."""

    mask = None

    def __init__(self, items, dtype=None):
        self.array = np.array(items, dtype)
        self.dtype = self.array.dtype

    def to_numpy(self):
        return self.array

    def __array__(self, dtype=None, copy=None):
        return self.array

    def __len__(self):
        return len(self.array)


class Frame:
    """A stand-in for a frame of polars. to_numpy() makes objects of columns of different types."""

    def __init__(self, **columns):
        self.series = columns
        self.columns = list(columns)
        self.dtypes = [series.dtype for series in columns.values()]

    def __len__(self):
        return max([len(series) for series in self.series.values()], default=0)

    def __getitem__(self, name):
        return self.series[name]

    def to_numpy(self):
        dtype = None if len(set(self.dtypes)) == 1 else object
        return np.array([series.array for series in self.series.values()], dtype).T

    def __array__(self, dtype=None, copy=None):
        return self.to_numpy()


class Columns(list):
    def __getitem__(self, index):
        rows, column = index
        assert rows == slice(None)
        return super().__getitem__(column)


class PandasFrame(Frame):
    """A stand-in for a frame of pandas, whose columns may have the same name."""

    def __init__(self, *columns):
        super().__init__(**{str(i): series for i, (_, series) in enumerate(columns)})
        self.columns = [name for name, _ in columns]
        self.dtypes = Series(self.dtypes, object).array

    __getitem__ = None

    @property
    def iloc(self):
        return Columns(list(self.series.values()))


class NAType:
    """A stand-in for the type of pandas.NA."""

    def __repr__(self):
        return "<NA>"
