"""The token of the bureau's own programs: from the environment, else from the machine's file."""

from pathlib import Path

from bureau import internal_token


def test_the_file_is_made_once_for_its_owner_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    assert internal_token.read(tmp_path, {}) == ""
    internal_token.make(tmp_path)
    made = internal_token.read(tmp_path, {})
    internal_token.make(tmp_path)

    assert len(made) > 30
    assert internal_token.read(tmp_path, {}) == made
    assert internal_token.read(tmp_path, {internal_token.NAME: "other"}) == "other"
    assert (tmp_path / internal_token.FILE).stat().st_mode & 0o077 == 0
