"""What our own `/api/public` serves is what `twosigma prompts pull` takes for the same."""

import json

import msgspec
from hypothesis import given

from tests.domain.prompt_versions import NOW, versions
from twosigma.adapters.http.langfuse.wire import public_prompt_out
from twosigma.domain.prompt_pull import Pulled, incoming
from twosigma.domain.prompts import PromptVersion


@given(versions())
def test_what_we_serve_comes_back_the_same(one: PromptVersion) -> None:
    out = public_prompt_out(one)
    new = incoming(msgspec.json.decode(msgspec.json.encode(out), type=Pulled), "ada", NOW).new
    for key in ("name", "version", "type", "prompt", "messages", "tags", "commit_message"):
        assert getattr(new, key) == getattr(one, key)
    assert json.dumps(new.config) == json.dumps(one.config)
    assert new.labels == tuple(label for label in one.labels if label != "latest")
