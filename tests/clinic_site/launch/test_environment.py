"""Local keys are made once and for the owner's eyes alone; what was set from outside always wins."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from clinic_site.launch import environment
from clinic_site.launch.environment import CannotStart

KEYS = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "LOOKUP_KEY", "LINK_KEY")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which nothing is set."""
    for name in (*KEYS, "SITE_URL", "PORT", "SIMULATOR_PORT", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ACCOUNT_SID", "API_KEY_SID", "API_KEY_SECRET", "AUTH_TOKEN", "MESSAGING_SERVICE_SID", "API_URL"):
        monkeypatch.delenv(f"TWILIO_{name}", raising=False)
    monkeypatch.setenv("CLINIC_VAR", str(tmp_path / "var"))


def test_keys_are_made_once_and_only_the_owner_may_read_them(tmp_path: Path) -> None:
    first = environment.for_programs(debug=False)
    second = environment.for_programs(debug=False)
    assert [first[name] for name in KEYS] == [second[name] for name in KEYS]
    assert len({first[name] for name in KEYS}) == 4
    Fernet(first["FIELD_ENCRYPTION_KEYS"])
    assert stat.S_IMODE((tmp_path / "var" / "local.env").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_a_key_from_outside_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_KEY", "from-outside")
    assert environment.for_programs(debug=False)["LINK_KEY"] == "from-outside"


def test_a_public_site_gets_no_invented_keys_and_no_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "https://clinic.example")
    values = environment.for_programs(debug=False)
    assert not set(KEYS) & set(values)
    assert "TWILIO_ACCOUNT_SID" not in values
    assert not environment.uses_simulator()


def test_without_an_account_texts_go_to_the_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULATOR_PORT", "8123")
    values = environment.for_programs(debug=False)
    assert values["TWILIO_API_URL"] == "http://127.0.0.1:8123"
    assert values["TWILIO_ACCOUNT_SID"].startswith("AC")
    assert values["TWILIO_AUTH_TOKEN"] != environment.for_programs(debug=False)["TWILIO_AUTH_TOKEN"]


def test_a_configured_account_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "1" * 32)
    values = environment.for_programs(debug=False)
    assert values["TWILIO_ACCOUNT_SID"] == "AC" + "1" * 32
    assert "TWILIO_API_URL" not in values
    assert not environment.uses_simulator()


def test_run_is_without_debug_and_dev_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "1")
    assert environment.for_programs(debug=False)["DEBUG"] == "0"
    assert environment.for_programs(debug=True)["DEBUG"] == "1"


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1", "80.5"])
def test_a_wrong_port_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(CannotStart, match="PORT is not a port"):
        environment.port("PORT", 8000)


def test_a_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CLINIC_VAR", str(tmp_path / "file" / "var"))
    with pytest.raises(CannotStart, match="cannot be made"):
        environment.folder()
