"""The shell of a backup: what comes out is what went in, and nothing else ever comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.kernel.errors import BadInput
from carewright.plumbing import sealed_file
from carewright.plumbing.sealed_file import Reader, Writer

KEY = "a key long enough"
SIZES = [0, 1, sealed_file.PIECE - 1, sealed_file.PIECE, sealed_file.PIECE + 1, 3 * sealed_file.PIECE]


def sealed(path, content, key=KEY):
    with path.open("wb") as file, Writer(file, key, {"version": "1"}) as writer:
        for start in range(0, len(content), 70_000):
            writer.write(content[start : start + 70_000])
    return path


def opened(path, key=KEY):
    with Reader(path, key) as reader:
        return reader.read()


@pytest.mark.parametrize("size", SIZES)
def test_what_comes_out_is_what_went_in(tmp_path, size):
    content = bytes(i % 251 for i in range(size))
    assert opened(sealed(tmp_path / "f", content)) == content


def test_the_content_cannot_be_read_from_outside(tmp_path):
    assert b"Abernathy" not in sealed(tmp_path / "f", b"Ruth Abernathy " * 100).read_bytes()


def test_another_key_is_refused_by_name(tmp_path):
    with pytest.raises(BadInput, match="sealed with key"):
        opened(sealed(tmp_path / "f", b"x"), key="another key altogether")


@given(st.data())
def test_a_changed_or_shortened_file_is_noticed(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("sealed") / "f"
    whole = sealed(path, b"y" * (sealed_file.PIECE + 500)).read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(whole[:place])
    else:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with pytest.raises(BadInput):
        opened(path)


@pytest.mark.parametrize("found", [b"key_name", b"salt", b'"version": "1"', b"{"])
def test_a_heading_that_was_changed_is_noticed(tmp_path, found):
    whole = sealed(tmp_path / "f", b"y").read_bytes()
    (tmp_path / "f").write_bytes(whole.replace(found, bytes([found[0] ^ 1]) + found[1:], 1))
    with pytest.raises(BadInput):
        opened(tmp_path / "f")


def test_an_unrelated_file_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "f").write_bytes(b"PK\x03\x04 hello")
    with pytest.raises(BadInput, match="a backup made by"):
        opened(tmp_path / "f")
