"""Settings: every variable is one of ours, in range, and secrets stay unseen."""

import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.adapters.system.signing_key import UnusableKey, is_loopback, signing_key
from twosigma.domain.spending import Budgets
from twosigma.settings import (
    Secret,
    Settings,
    SettingsError,
    langfuse,
    load,
    password,
    settings_table,
)
from twosigma.wiring import policy

CANARY = "a-canary-that-nobody-may-see-in-any-output"


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        load(environ)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def attempt(environ: dict[str, str]) -> Settings | SettingsError:
    try:
        return load(environ)
    except SettingsError as refused:
        return refused


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load({}) == Settings()


def test_other_programs_variables_are_not_read() -> None:
    assert load({"PATH": "/bin", "PORT": "x"}) == Settings()


@pytest.mark.parametrize("name", ["TWOSIGMA_TEST_POSTGRES", "TWOSIGMA_PASSWORD"])
def test_variables_that_stand_apart_are_no_settings(name: str) -> None:
    assert load({name: "anything"}) == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TWOSIGMA_PROT", "1"),
        ("TWOSIGMA_", "1"),
        ("TWOSIGMA_port", "1"),
        ("TWOSIGMA_PORT_FILE", "/dev/null"),
        ("TWOSIGMA_PORT", "eight"),
        ("TWOSIGMA_PORT", "65536"),
        ("TWOSIGMA_PORT", "-1"),
        ("TWOSIGMA_PORT", ""),
        ("TWOSIGMA_HOST", " "),
        ("TWOSIGMA_BCRYPT_COST", "3"),
        ("TWOSIGMA_TURN_SECONDS", "0"),
        ("TWOSIGMA_TURN_SECONDS", "nan"),
        ("TWOSIGMA_TURN_SECONDS", "inf"),
        ("TWOSIGMA_TEMPERATURE", "2.5"),
        ("TWOSIGMA_CACHE_PRUNE_DAYS", "0"),
        ("TWOSIGMA_DAILY_TOKENS_PER_LEARNER", "-1"),
        ("TWOSIGMA_DAILY_TOKENS_PER_COURSE", "many"),
        ("TWOSIGMA_LLM", "gemini"),
        ("TWOSIGMA_AWS_REGION", "eu"),
        ("TWOSIGMA_AWS_REGION", "us-east-1.example.org"),
        ("TWOSIGMA_BEDROCK_ENDPOINT_URL", "ftp://x"),
        ("TWOSIGMA_BEDROCK_ENDPOINT_URL", "http://["),
        ("TWOSIGMA_SQLITE_SYNCHRONOUS", "OFF"),
        ("TWOSIGMA_LOG_FORMAT", "xml"),
        ("TWOSIGMA_CORS_ORIGINS", "example.org"),
        ("TWOSIGMA_CORS_ORIGINS", "https://a.example/path"),
        ("TWOSIGMA_CORS_ORIGINS", "*"),
    ],
)
def test_a_wrong_variable_is_refused_by_its_name(name: str, text: str) -> None:
    assert name in refusal({name: text})


def test_a_slip_of_the_pen_is_told_the_right_name() -> None:
    assert "is it TWOSIGMA_PORT?" in refusal({"TWOSIGMA_PROT": "1"})


def test_an_unknown_choice_names_the_known_ones() -> None:
    assert "offline, bedrock, openai" in refusal({"TWOSIGMA_LLM": "gemini"})


def test_values_are_read_by_their_type() -> None:
    settings = load(
        {
            "TWOSIGMA_PORT": " 8001 ",
            "TWOSIGMA_TURN_SECONDS": "1.5",
            "TWOSIGMA_CORS_ORIGINS": "https://a.example, http://localhost:3000",
            "TWOSIGMA_SQLITE_SYNCHRONOUS": "full",
            "TWOSIGMA_LOG_FORMAT": "JSON",
        }
    )
    assert settings.port == 8001
    assert settings.turn_seconds == 1.5
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert settings.sqlite_synchronous == "FULL"
    assert settings.log_format == "json"


def test_tokens_are_limited_only_where_somebody_says_so() -> None:
    assert policy(load({})).daily_tokens == Budgets()
    given = {
        "TWOSIGMA_DAILY_TOKENS_PER_LEARNER": "0", "TWOSIGMA_DAILY_TOKENS_PER_COURSE": "2000000",
    }  # fmt: skip
    assert policy(load(given)).daily_tokens == Budgets(learner=0, course=2_000_000)


def test_the_database_is_sqlite_in_the_folder_of_our_files() -> None:
    assert load({}).database == "sqlite:///var/twosigma.db"
    assert load({"TWOSIGMA_VAR_DIR": "/srv/x"}).database == "sqlite:////srv/x/twosigma.db"
    url = "postgresql://u:p@h/d"
    assert load({"TWOSIGMA_DATABASE_URL": url}).database == url


@pytest.mark.parametrize("missing", ["MODEL", "OPENAI_BASE_URL"])
def test_a_model_server_needs_its_address_and_a_model(missing: str) -> None:
    whole = {
        "TWOSIGMA_LLM": "openai",
        "TWOSIGMA_MODEL": "m",
        "TWOSIGMA_OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
    }
    assert load(whole).llm == "openai"
    del whole[f"TWOSIGMA_{missing}"]
    assert f"TWOSIGMA_{missing}" in refusal(whole)


def test_bedrock_needs_a_model_and_a_temperature_that_it_takes() -> None:
    whole = {"TWOSIGMA_LLM": "bedrock", "TWOSIGMA_MODEL": "amazon.nova-lite-v1:0"}
    assert load(whole).llm == "bedrock"
    assert "TWOSIGMA_MODEL" in refusal({"TWOSIGMA_LLM": "bedrock"})
    assert "TWOSIGMA_TEMPERATURE" in refusal({**whole, "TWOSIGMA_TEMPERATURE": "1.5"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("OPENAI_BASE_URL", "ftp://x/v1"), ("OPENAI_API_KEY", "clé"), ("OPENAI_API_KEY", "a\nb")],
)
def test_a_model_server_that_cannot_be_asked_is_refused(name: str, text: str) -> None:
    environ = {
        "TWOSIGMA_LLM": "openai",
        "TWOSIGMA_MODEL": "m",
        "TWOSIGMA_OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
    }
    line = refusal({**environ, f"TWOSIGMA_{name}": text})
    assert f"TWOSIGMA_{name}" in line
    assert text not in line


SECRETS = ["DATABASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "OPENAI_API_KEY"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_come_from_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(CANARY + "\n")
    settings = load({f"TWOSIGMA_{name}_FILE": str(file)})
    assert getattr(settings, name.lower()) == Secret(CANARY)
    assert f"TWOSIGMA_{name}_FILE" in refusal({f"TWOSIGMA_{name}_FILE": str(tmp_path / "none")})
    both = {f"TWOSIGMA_{name}_FILE": str(file), f"TWOSIGMA_{name}": "x"}
    assert f"TWOSIGMA_{name}" in refusal(both)


@pytest.mark.parametrize("name", SECRETS)
def test_f120_secrets_are_never_in_a_repr(name: str) -> None:
    settings = load({f"TWOSIGMA_{name}": CANARY})
    assert CANARY not in f"{settings!r} {settings} {getattr(settings, name.lower())}"


@given(
    name=st.sampled_from([field.upper() for field in Settings.__struct_fields__]), text=st.text()
)
def test_any_text_is_a_value_or_a_line_that_names_its_variable(name: str, text: str) -> None:
    outcome = attempt({f"TWOSIGMA_{name}": text})
    if isinstance(outcome, SettingsError):
        assert f"TWOSIGMA_{name}" in str(outcome) or "TWOSIGMA_LLM=openai" in str(outcome)
        assert len(str(outcome).splitlines()) == 1
    else:
        assert msgspec.convert(msgspec.structs.asdict(outcome), Settings) == outcome


def test_the_password_is_read_apart_from_the_settings() -> None:
    assert password({"TWOSIGMA_PASSWORD": "x"}) == "x"
    assert password({}) is None


LANGFUSE = {
    "LANGFUSE_BASE_URL": " http://a ", "LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": CANARY,
}  # fmt: skip


def test_langfuses_keys_are_read_under_its_own_names_and_stay_unseen() -> None:
    given = langfuse(None, LANGFUSE)
    assert (given.url, given.public_key, given.secret_key.value) == ("http://a", "pk", CANARY)
    assert langfuse("http://b", LANGFUSE).url == "http://b"
    assert CANARY not in f"{given!r} {given}"
    assert load(LANGFUSE) == Settings()


@pytest.mark.parametrize("name", LANGFUSE)
def test_what_langfuse_needs_is_named_where_it_is_missing(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^not set: {name}$"):
        langfuse(None, LANGFUSE | {name: " "})


def test_the_page_of_settings_is_that_of_the_struct() -> None:
    page = Path(__file__).parent.parent / "docs" / "settings.md"
    assert page.read_text("utf-8") == settings_table(), "run `make docs`"


@pytest.mark.parametrize("key", ["", "k", "k" * 31, "é" * 15])
def test_f42_a_short_signing_key_is_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableKey):
        signing_key(key, "127.0.0.1", tmp_path)


def test_f42_bytes_count_not_characters(tmp_path: Path) -> None:
    assert signing_key("é" * 16, "0.0.0.0", tmp_path) == ("é" * 16).encode()  # noqa: S104 -- no socket


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])  # noqa: S104 -- no socket
def test_f42_a_host_that_others_reach_needs_a_key_of_its_own(host: str, tmp_path: Path) -> None:
    assert not is_loopback(host)
    with pytest.raises(UnusableKey):
        signing_key(None, host, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_a_key_is_made_once_and_kept_to_ourselves(host: str, tmp_path: Path) -> None:
    made = signing_key(None, host, tmp_path / "var")
    (file,) = (tmp_path / "var").iterdir()
    assert len(made) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert signing_key(None, host, tmp_path / "var") == made
    assert signing_key(None, host, tmp_path / "other") != made


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_f42_a_damaged_key_file_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(content)
    with pytest.raises(UnusableKey, match=r"secret\.key"):
        signing_key(None, "127.0.0.1", tmp_path)


def test_f42_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableKey, match="cannot be used"):
        signing_key(None, "127.0.0.1", tmp_path / "file" / "var")


def test_trusted_proxies_are_addresses_and_networks() -> None:
    given = load({"TWOSIGMA_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,::1"})
    assert given.trusted_proxies == ("127.0.0.1", "10.0.0.0/8", "::1")
    for wrong in ("proxy.example.com", "10.0.0.1/8", "*"):
        with pytest.raises(SettingsError, match="TWOSIGMA_TRUSTED_PROXIES"):
            load({"TWOSIGMA_TRUSTED_PROXIES": wrong})
