"""The readers of the environment: what they take, and the sentence with which they refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from project import env, env_addresses
from project.env import SETTINGS, SettingError
from project.setting_rows import Setting


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
        monkeypatch.delenv(f"{setting.name}_FILE", raising=False)


def test_the_table_is_fit_for_a_page() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(names) == len(set(names))
    assert all(setting.description.endswith(".") for setting in SETTINGS)
    # a file variable must not be the name of another setting
    assert not {setting.file_variable for setting in SETTINGS} & set(names)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_default_can_be_read(setting: Setting) -> None:
    readers: dict[str, Callable[[str], Any]] = {
        "text": env.read_text,
        "integer": env.read_integer,
        "boolean": env.read_boolean,
        "list": env.read_list,
        "secret": env.read_secret,
    }
    readers[setting.kind](setting.name)


@pytest.mark.parametrize("name", ["NOT_DECLARED", "PORT"])
def test_a_reader_refuses_what_the_table_does_not_say(name: str) -> None:
    with pytest.raises(LookupError, match=name):
        env.read_text(name)


def test_is_given_refuses_what_the_table_does_not_say() -> None:
    with pytest.raises(LookupError, match="NOT_DECLARED"):
        env.is_set("NOT_DECLARED")


@pytest.mark.parametrize(("raw", "number"), [("1", 1), (" 8080 ", 8080), ("0", 0), ("", 8000)])
def test_integers(monkeypatch: pytest.MonkeyPatch, raw: str, number: int) -> None:
    monkeypatch.setenv("PORT", raw)
    assert env.read_integer("PORT") == number


@pytest.mark.parametrize("raw", ["x", "-1", "+1", "1.0", "1_000", "٣", "9" * 5000, "70000"])
def test_bad_integers(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("PORT", raw)
    with pytest.raises(SettingError, match=r"^PORT must be a whole number from 1 to 65535, not .*\.$"):
        env.read_integer("PORT", minimum=1, maximum=65535)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("on", True), ("TRUE", True), ("1", True), ("yes", True), ("off", False), ("No", False)],
)
def test_booleans(monkeypatch: pytest.MonkeyPatch, raw: str, value: bool) -> None:
    monkeypatch.setenv("SECURE_COOKIES", raw)
    assert env.read_boolean("SECURE_COOKIES", default=not value) is value


def test_an_unset_boolean_may_be_either() -> None:
    assert env.read_boolean("SECURE_COOKIES", default=True) is True
    assert env.read_boolean("SECURE_COOKIES", default=False) is False


def test_a_bad_boolean_is_not_taken_for_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(SettingError, match=r"^DEBUG must be on or off, not 'maybe'\.$"):
        env.read_boolean("DEBUG")


def test_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.read_list("ALLOWED_HOSTS") == ["localhost", "127.0.0.1", "[::1]"]
    monkeypatch.setenv("ALLOWED_HOSTS", " a.example , ,b.example,")
    assert env.read_list("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "warning")
    assert env.read_choice("LOG_LEVEL", ("INFO", "WARNING")) == "WARNING"
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SettingError, match=r"^LOG_LEVEL must be one of INFO, WARNING, not 'LOUD'\.$"):
        env.read_choice("LOG_LEVEL", ("INFO", "WARNING"))


def test_a_secret_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from the file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    assert env.read_secret("SECRET_KEY") == "from the file"
    assert env.is_set("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    with pytest.raises(SettingError, match=r"^SECRET_KEY and SECRET_KEY_FILE are both set"):
        env.read_secret("SECRET_KEY")


def test_a_secret_from_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingError, match=r"^SECRET_KEY_FILE names the file .* which cannot be read"):
        env.read_secret("SECRET_KEY")


def test_a_secret_from_an_empty_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # silently falling back to the default would start a service with another database
    (tmp_path / "url").write_text("\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    with pytest.raises(SettingError, match=r"^DATABASE_URL_FILE names the file .* which is empty\.$"):
        env.read_secret("DATABASE_URL")


def test_folders_are_made_and_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", "deep/var")
    path = env.create_folder("DATA_DIR", tmp_path)
    assert path == tmp_path / "deep" / "var"
    assert path.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "var"))
    with pytest.raises(SettingError, match=r"^DATA_DIR names the folder .* which cannot be made"):
        env.create_folder("DATA_DIR", tmp_path)


def test_database_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.read_database("DATABASE_URL") is None
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@db:5433/name?sslmode=require")
    config = env.read_database("DATABASE_URL")
    assert config is not None
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["USER"], config["PASSWORD"], config["HOST"], config["PORT"]) == ("u", "p@ss", "db", 5433)
    assert (config["NAME"], config["OPTIONS"]) == ("name", {"sslmode": "require"})
    monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/x.sqlite3")
    config = env.read_database("DATABASE_URL")
    assert config is not None
    assert config["NAME"] == "/srv/x.sqlite3"


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "mysql://u:hunter2@db/name",
        "sqlite://",
        "sqlite://:memory:",
        "postgresql://u:hunter2@db/",
        "postgresql://u:hunter2@db",
        "postgresql://u:hunter2@db:port/name",
        "postgresql://u:hunter2@[db/name",
    ],
)
def test_bad_database_urls_and_their_passwords(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingError, match=r"^DATABASE_URL .*\.$") as caught:
        env.read_database("DATABASE_URL")
    assert "hunter2" not in str(caught.value)


def test_origins_are_compared_as_browsers_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://Desk.example:443, http://localhost:3000,http://a.example:80")
    assert env_addresses.read_exact_origins("CORS_ORIGINS") == [
        "https://desk.example",
        "http://localhost:3000",
        "http://a.example",
    ]
    monkeypatch.setenv("CORS_ORIGINS", "https://*.example")
    with pytest.raises(env.SettingError, match="without a wildcard"):
        env_addresses.read_exact_origins("CORS_ORIGINS")
