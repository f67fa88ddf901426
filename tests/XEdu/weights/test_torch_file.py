"""Tensors out of files that PyTorch wrote before 2020: equal to what PyTorch reads, and nothing is executed."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch

from XEdu.weights import torch_file


def written(content: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def test_all_tensors_are_as_torch_wrote_them():
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    state = OrderedDict(
        {
            "一.weight": base,
            "turned": base.permute(2, 0, 1),
            "part": base[1, :, 1:3],
            "half": torch.tensor([1.5, -2.0], dtype=torch.float16),
            "count": torch.tensor(7),
        }
    )
    read = torch_file.tensors(written(state))
    assert list(read) == list(state)
    for name, tensor in state.items():
        assert read[name].dtype == tensor.numpy().dtype
        np.testing.assert_array_equal(read[name], tensor.numpy())


class Trap:
    """Would call a function when it is unpickled."""

    def __reduce__(self):
        return print, ("executed",)


@pytest.mark.parametrize("content", [Trap(), {"a": Trap()}, {"a": np.float64(1)}, {"a": torch.nn.Linear(1, 1)}])
def test_a_file_that_names_anything_else_is_refused_and_nothing_is_called(content, capsys):
    with pytest.raises(ValueError, match="no part of a file of weights"):
        torch_file.tensors(written(content))
    assert capsys.readouterr().out == ""


def test_a_file_that_is_cut_off_or_none_is_refused():
    data = written({"weight": torch.ones(100)})
    for length in (0, 1, 20, 200, len(data) // 2, len(data) - 1):
        with pytest.raises(ValueError, match=r"\w"):
            torch_file.tensors(data[:length])
    for other in (b"PK\x03\x04" + data, b"<html>", pickle.dumps(5), b"\x80\x02."):
        with pytest.raises(ValueError, match=r"\w"):
            torch_file.tensors(other)


def test_a_tensor_that_leaves_its_storage_is_refused():
    data = written({"weight": torch.ones(3, 5)})
    shape = b"K\x03K\x05\x86"  # (3, 5)
    assert data.count(shape) == 1
    with pytest.raises(ValueError, match="storage"):
        torch_file.tensors(data.replace(shape, b"K\x03K\x06\x86"))
