"""The token: short, strict, readable by other JOSE libraries, the same bytes every time."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey

from backend.certificates import tokens
from backend.certificates.tokens import Claims

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KID = "26110abc"
CLAIMS = Claims("yangguang", 1_795_000_000, "HY-370402-2026-000045", "migrant-proof", 1_826_500_000, "王*")
JAVASCRIPT = Path(__file__).resolve().parents[1] / "javascript"


def find(kid: str) -> object:
    return KEY.public_key() if kid == KID else None


def token(claims: Claims = CLAIMS) -> str:
    return tokens.write(claims, kid=KID, key=KEY)


def read(text: str) -> Claims | None:
    return tokens.read(text, find)  # type: ignore[arg-type]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwk() -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": KID, "x": b64(KEY.public_key().public_bytes_raw())}


def test_token_reads_back_and_is_the_same_every_time() -> None:
    assert read(token()) == CLAIMS
    assert token() == token()


@pytest.mark.parametrize("letter", ["x", "证", "𠮷"])
def test_token_of_longest_values_stays_within_400(letter: str) -> None:
    longest = Claims(letter * 60, 9_999_999_999, "X" * 24, tokens.clip(letter * 60, 24), 9_999_999_999, letter * 50)
    assert len(token(longest)) <= 400
    assert read(token(longest)) is not None


def test_token_of_receipt_has_no_holder_and_no_end() -> None:
    written = token(Claims("yangguang", 1, "YG2611-7K2M9Q", tokens.RECEIPT))
    body = json.loads(base64.urlsafe_b64decode(written.split(".")[1] + "=="))
    assert set(body) == {"iss", "iat", "jti", "type"}


def test_token_with_any_character_changed_is_unknown() -> None:
    good = token()
    for place, letter in enumerate(good):
        changed = good[:place] + ("A" if letter != "A" else "B") + good[place + 1 :]
        assert read(changed) is None, place


def test_token_with_spare_bits_in_its_last_character_is_unknown() -> None:
    good, alphabet = token(), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert [letter for letter in alphabet if read(good[:-1] + letter)] == [good[-1]]


def signed(header: dict[str, object], body: object = None) -> str:
    claims = {"iss": "yangguang", "iat": 1, "jti": "HY-1", "type": "t"} if body is None else body
    message = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{message}.{b64(KEY.sign(message.encode()))}"


PUBLIC = KEY.public_key().public_bytes_raw()
FOREIGN = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
BODY = {"iss": "yangguang", "iat": 1, "jti": "HY-1", "type": "t", "pad": "p" * 20}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        ".",
        "..",
        "1" * 3000,
        "证" * 3000,
        "\ud800",
        "a.b.c",
        token() + "=",
        token() + "\n",
        " " + token(),
        token().rsplit(".", 1)[0] + ".",
        token() + "." + "A" * 20,
        tokens.write(CLAIMS, kid=KID, key=FOREIGN),
        tokens.write(CLAIMS, kid="other", key=KEY),
        jwt.encode(BODY, "", algorithm="none", headers={"kid": KID}),
        jwt.encode(BODY, PUBLIC, algorithm="HS256", headers={"kid": KID}),
        signed({"alg": "none", "kid": KID}),
        signed({"alg": "HS256", "kid": KID}),
        signed({"alg": "EdDSA", "kid": 7}),
        signed({"alg": "EdDSA", "kid": KID, "crit": ["b64"], "b64": False}),
        signed({"alg": "EdDSA", "kid": KID}, ["not an object at all"]),
        signed({"alg": "EdDSA", "kid": KID}, {"iss": "yangguang", "revoked": []}),
        signed({"alg": ["EdDSA"], "kid": KID}),
    ],
)
def test_token_that_is_none_of_ours_is_unknown(text: str) -> None:
    assert read(text) is None


def test_token_signature_holds_for_joserfc() -> None:
    seen = jws.deserialize_compact(token(), OKPKey.import_key(jwk()), algorithms=["EdDSA"])
    assert json.loads(seen.payload)["jti"] == CLAIMS.number


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js; joserfc and openssl check the same token")
def test_token_signature_holds_for_jose_in_javascript() -> None:
    """With ``jose`` where npm can fetch it, else with Node's own crypto: the answer says which."""
    if shutil.which("npm") and not (JAVASCRIPT / "node_modules" / "jose").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=JAVASCRIPT, capture_output=True, check=False)
    ask = json.dumps({"token": token(), "forged": token()[:-20] + "A" * 20, "jwk": jwk()})
    done = subprocess.run(["node", "verify.mjs"], cwd=JAVASCRIPT, input=ask, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["library"] in ("jose", "node:crypto")
    assert answer == {"library": answer["library"], "number": CLAIMS.number, "kid": KID, "forged": "refused"}


def test_token_signature_holds_for_openssl(tmp_path: Path) -> None:
    message, _, signature = token().rpartition(".")
    (tmp_path / "message").write_bytes(message.encode())
    (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature + "=="))
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + PUBLIC)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in done.stdout, done.stderr


def test_token_of_a_day_ends_with_that_day_in_china() -> None:
    assert tokens.end_of(date(2027, 11, 23)) == int(datetime(2027, 11, 23, 16, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("edge", ["a", "证"])
def test_clip_keeps_whole_characters(edge: str) -> None:
    assert tokens.clip(edge * 50, 40).encode() == (edge * 50).encode()[: 40 // len(edge.encode()) * len(edge.encode())]
