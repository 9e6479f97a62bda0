"""Data for training: shuffle, split, batches, standardize, one-hot labels.

Functions that pick samples take anything with samples along its first axis, also lists and frames of pandas and polars,
and give the same kind. Functions that compute take what `fit` takes, and give arrays of float64. Read samples.py first,
then scaling.py and labels.py; arrays.py and protocols.py read what callers pass.
"""

from nn.data.arrays import class_labels as class_labels
from nn.data.arrays import inputs as inputs
from nn.data.arrays import targets as targets
from nn.data.labels import encode_labels, one_hot
from nn.data.samples import batches, shuffle, split
from nn.data.scaling import Standardizer, standardize

__all__ = ["Standardizer", "batches", "encode_labels", "one_hot", "shuffle", "split", "standardize"]
