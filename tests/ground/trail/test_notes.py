from __future__ import annotations

from datetime import UTC, datetime

import pytest

from madang.ground.trail.notes import (
    PROVIDERS,
    EcdsaSigner,
    Ed25519Signer,
    Head,
    Key,
    NoteError,
    key_of,
    open_note,
    sign,
)

HEAD = Head("trail.example", 7, bytes(range(32)), datetime(2026, 3, 1, 9, 30, tzinfo=UTC))


@pytest.mark.parametrize("provider", PROVIDERS.values())
def test_a_signed_head_is_read_back_with_its_key(provider: type) -> None:
    signer = provider("secret")
    assert open_note(sign(HEAD, signer), [key_of(HEAD.origin, signer)]) == HEAD


def test_the_text_is_that_of_a_checkpoint() -> None:
    assert HEAD.text().decode().splitlines() == [
        "trail.example",
        "7",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "time 2026-03-01T09:30:00.000+00:00",
    ]


def test_a_known_key_has_the_id_that_the_standard_gives_it() -> None:
    """The key of Go's checksum database: a public key whose id everybody knows."""
    vkey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert Key.parse(vkey).vkey == vkey


@pytest.mark.parametrize("provider", PROVIDERS.values())
def test_a_changed_head_is_false(provider: type) -> None:
    signer = provider("secret")
    changed = sign(HEAD, signer).replace("\n7\n", "\n8\n")
    with pytest.raises(NoteError, match="false"):
        open_note(changed, [key_of(HEAD.origin, signer)])


def test_another_key_than_given_is_told() -> None:
    note = sign(HEAD, Ed25519Signer("secret"))
    for other in (Ed25519Signer("other"), EcdsaSigner("secret")):
        with pytest.raises(NoteError, match="not signed with a key that you gave"):
            open_note(note, [key_of(HEAD.origin, other)])


@pytest.mark.parametrize("words", ["", "x", "a\nb\nc\n\n— a b\n", "— \n\n", "a\n1\n!!\n\n— x y\n"])
def test_what_is_no_head_is_refused(words: str) -> None:
    with pytest.raises(NoteError):
        open_note(words, [key_of(HEAD.origin, Ed25519Signer("secret"))])


@pytest.mark.parametrize("words", ["", "a", "a+b+c", "a+00000000+AQ==", "a+zz+AQ=="])
def test_what_is_no_key_is_refused(words: str) -> None:
    with pytest.raises(NoteError):
        Key.parse(words)
