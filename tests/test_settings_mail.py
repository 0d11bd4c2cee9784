"""The settings of mail fit one another, or 2Sigma does not start."""

import pytest

from tests.test_settings import refusal
from twosigma.settings import load
from twosigma.wiring import policy

WHOLE = {
    "TWOSIGMA_SMTP_HOST": "mail.x.example",
    "TWOSIGMA_SMTP_USERNAME": "u",
    "TWOSIGMA_SMTP_PASSWORD": "canary",
    "TWOSIGMA_MAIL_FROM": "2Sigma <no-reply@x.example>",
    "TWOSIGMA_PUBLIC_URL": "https://x.example/app",
}


@pytest.mark.parametrize(
    ("tls", "port", "real"),
    [("starttls", "0", 587), ("tls", "0", 465), ("TLS", "2465", 2465)],
)
def test_a_port_follows_from_the_way_of_tls(tls: str, port: str, real: int) -> None:
    settings = load(WHOLE | {"TWOSIGMA_SMTP_TLS": tls, "TWOSIGMA_SMTP_PORT": port})
    assert settings.smtp_real_port == real
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SMTP_HOST": None}, "SMTP_HOST"),
        ({"SMTP_HOST": " "}, "SMTP_HOST"),
        ({"PUBLIC_URL": None}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "x.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "ftp://x.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://x.example/?a=1"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://x.example/#a"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://u:p@x.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://x.example/a b"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://x.example/\n"}, "PUBLIC_URL"),
        ({"MAIL_FROM": None}, "MAIL_FROM"),
        ({"MAIL_FROM": "2Sigma"}, "MAIL_FROM"),
        ({"MAIL_FROM": "a@b"}, "MAIL_FROM"),
        ({"MAIL_FROM": "2Sigma <a@x.example>\nBcc: b@x.example"}, "MAIL_FROM"),
        ({"SMTP_USERNAME": None}, "SMTP_USERNAME"),
        ({"SMTP_PASSWORD": None}, "SMTP_PASSWORD"),
        ({"SMTP_TLS": "off"}, "SMTP_TLS"),
        ({"SMTP_TLS": "ssl"}, "SMTP_TLS"),
        ({"SMTP_PORT": "65536"}, "SMTP_PORT"),
        ({"MINIMUM_AGE": "-1"}, "MINIMUM_AGE"),
        ({"MINIMUM_AGE": "121"}, "MINIMUM_AGE"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(
    changes: dict[str, str | None], named: str
) -> None:
    environ = dict(WHOLE)
    for name, value in changes.items():
        environ.pop(f"TWOSIGMA_{name}", None)
        if value is not None:
            environ[f"TWOSIGMA_{name}"] = value
    said = refusal(environ)
    assert f"TWOSIGMA_{named}" in said
    assert "canary" not in said


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_without_tls_a_password_goes_to_this_machine_only(host: str) -> None:
    settings = load(WHOLE | {"TWOSIGMA_SMTP_HOST": host, "TWOSIGMA_SMTP_TLS": "off"})
    assert settings.smtp_real_port == 25
    alone = {key: WHOLE[key] for key in WHOLE if "USERNAME" not in key and "PASSWORD" not in key}
    assert load(alone | {"TWOSIGMA_SMTP_TLS": "off"}).smtp_tls == "off"


def test_the_use_cases_are_told_the_minimum_age_and_where_the_website_is() -> None:
    rules = policy(load(WHOLE | {"TWOSIGMA_MINIMUM_AGE": "16"}))
    assert (rules.minimum_age, rules.public_url) == (16, "https://x.example/app")
    assert policy(load({})).public_url == "http://127.0.0.1:8000"
