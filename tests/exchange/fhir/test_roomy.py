"""It says what a dictionary would say, however little of it fits into memory."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.exchange.fhir import roomy
from carewright.exchange.fhir.roomy import RoomyDict

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
keys = texts | st.integers(0, 2**40) | st.tuples(texts, texts)
values = st.none() | texts | st.integers(-(2**40), 2**40) | st.lists(texts, max_size=2)
steps = st.lists(st.tuples(keys, values), max_size=30)


@given(steps=steps, asked=st.lists(keys, max_size=5), room=st.integers(1, 6))
def test_it_says_what_a_dictionary_would(tmp_path_factory, steps, asked, room):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(roomy, "ROOM", room)
        _same(RoomyDict(tmp_path_factory.getbasetemp()), steps, asked)


def _same(own, steps, asked):
    other = {}
    for key, value in steps:
        own[key] = other[key] = value
        assert len(own) == len(other)
    assert list(own.items()) == list(other.items())
    assert list(own) == list(other)
    assert bool(own) == bool(other)
    for key in [*asked, *other]:
        assert (key in own) == (key in other)
        assert own.get(key, "nothing") == other.get(key, "nothing")


def test_it_may_be_written_to_while_it_is_read_through(tmp_path, monkeypatch):
    monkeypatch.setattr(roomy, "ROOM", 3)
    own = RoomyDict(tmp_path)
    for number in range(10):
        own[f"a{number}"] = number
    seen = []
    for key in own:
        own["later"] = key
        assert own["later"] == key
        seen.append(key)
    assert seen[:10] == [f"a{number}" for number in range(10)]


def test_nothing_of_it_stands_in_any_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(roomy, "ROOM", 2)
    folder = tmp_path / "landed"
    own = RoomyDict(folder)
    for number in range(9):
        own[number] = "Ada Quill"
    assert (len(own), list(folder.iterdir())) == (9, [])
    del own
    gc.collect()


def test_without_a_folder_it_stays_in_memory(monkeypatch):
    monkeypatch.setattr(roomy, "ROOM", 2)
    own = RoomyDict()
    for number in range(9):
        own[number] = number
    assert list(own) == list(range(9))
