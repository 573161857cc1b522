"""Failures are said in the reader's language, and nothing the bank said is lost or changed."""

from __future__ import annotations

import pytest
from django.utils import translation

from connections.failures import in_words
from providers.errors import BY_CODE


@pytest.mark.parametrize("language", ["nl", "ko", "zh-hans"])
def test_every_error_has_its_sentence_in_every_language(language: str) -> None:
    with translation.override(language):
        assert [code for code, kind in BY_CODE.items() if in_words(kind.message, code) == kind.message] == []
        assert [code for code, kind in BY_CODE.items() if in_words("Said otherwise.", code) == "Said otherwise."] == []


def test_in_english_the_more_exact_sentence_of_the_proxy_is_said() -> None:
    with translation.override("en"):
        assert in_words("The proxy at one:443 is asleep.", "proxy_unreachable") == "The proxy at one:443 is asleep."
        assert in_words("", "rate_limited") == "The bank or the provider was asked too often."


def test_in_another_language_the_code_decides() -> None:
    with translation.override("nl"):
        said = in_words("Plaid sent an answer of more than 20 MiB.", "invalid_response")
        assert said == in_words(BY_CODE["invalid_response"].message)
        assert said != BY_CODE["invalid_response"].message


def test_the_banks_own_words_stay_as_they_came() -> None:
    with translation.override("nl"):
        said = in_words("The bank did not accept the sign-in. “Wrong PIN, 2 tries left”", "credentials_rejected")
        assert said == f"{in_words(BY_CODE['credentials_rejected'].message)} “Wrong PIN, 2 tries left”"


def test_a_code_that_is_new_keeps_what_the_proxy_said() -> None:
    with translation.override("ko"):
        assert in_words("The moon is in the way.", "moon_in_the_way") == "The moon is in the way."
