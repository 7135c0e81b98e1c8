"""The home: closed to every other user of the machine, with secrets of its own."""

import stat

from carewright.plumbing.home import Home


def rights(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_folder_is_closed_to_others_from_the_first_on(tmp_path):
    home = Home(tmp_path / "above" / "home")
    home.folder("warehouse", "runs", "one")
    for folder in (home.path, home.path / "warehouse", home.path / "warehouse" / "runs" / "one"):
        assert rights(folder) == 0o700, folder


def test_a_secret_is_made_once_at_random_and_read_by_its_owner_only(tmp_path):
    one, other = Home(tmp_path / "one"), Home(tmp_path / "other")
    assert one.secret("django") == one.secret("django") != other.secret("django")
    assert len(one.secret("django")) >= 48
    assert rights(one.path / "secrets" / "django") == 0o600
    assert rights(one.path) == rights(one.path / "secrets") == 0o700
