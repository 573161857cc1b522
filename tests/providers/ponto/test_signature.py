"""What Ponto asks for beside tokens: a signature over each request, and a certificate on the line."""

from __future__ import annotations

import base64
import re
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from providers.errors import Unreachable
from providers.ponto import signature
from providers.ponto.adapter import PontoAdapter
from providers.ponto.signature import InvalidKey
from tests.production.tls import make_certificate
from tests.providers.ponto.wire_ponto import WirePonto, account, config, listed, secret

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def written(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    path = folder / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(path)


def test_the_digest_of_a_known_body() -> None:
    expected = "pX9+OFjSGF4KFWUh8fv1Ihh4PuSb2KnyobO/hr228nkET5vRUhi0Qj2Ai5OcBXtzmzgII18sZiaEH4PoxkYqew=="
    assert signature.digest(b'{"msg":"hello"}') == f"SHA-512={expected}"


def test_the_text_that_is_signed() -> None:
    url = "https://gateway.example/ponto-connect/accounts?page%5Blimit%5D=10"
    told = signature.signing_string("GET", url, b"", host="api.ibanity.com", created=1_700_000_000)
    assert told.splitlines() == [
        "(request-target): get /ponto-connect/accounts?page%5Blimit%5D=10",
        "host: api.ibanity.com",
        f"digest: {signature.digest(b'')}",
        "(created): 1700000000",
    ]


def test_each_request_is_signed_as_it_goes_over_the_wire(ponto: WirePonto, tmp_path: Path) -> None:
    signed = config(
        ponto.wire.url,
        signature_key=written(tmp_path, KEY),
        signature_key_id="cert-1",
        signature_host="api.ibanity.com",
    )
    following = f"{ponto.wire.url}/accounts?page[after]=a-1&page[limit]=1"
    ponto.on("GET /accounts", listed(account(), following=following), listed())
    PontoAdapter.from_config(signed).accounts(secret())
    assert len(ponto.seen("GET /accounts")) == 2
    for seen in ponto.seen("GET /accounts"):
        parts = dict(re.findall(r'(\w+)="([^"]*)"', seen.headers["Signature"]))
        assert (parts["keyId"], parts["algorithm"]) == ("cert-1", "hs2019")
        assert parts["headers"] == "(request-target) host digest (created)"
        assert seen.headers["Digest"] == signature.digest(seen.body)
        text = signature.signing_string(
            "GET", f"https://x{seen.target}", seen.body, host="api.ibanity.com", created=int(parts["created"])
        )
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        KEY.public_key().verify(base64.b64decode(parts["signature"]), text.encode(), pss, hashes.SHA256())


def test_without_a_key_nothing_is_signed(ponto: WirePonto, adapter: PontoAdapter) -> None:
    ponto.on("GET /accounts", listed())
    adapter.accounts(secret())
    assert "Signature" not in ponto.seen("GET /accounts")[0].headers


def test_a_key_that_cannot_be_used_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    curve = written(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    for path in (str(tmp_path / "none.pem"), str(tmp_path / "missing.pem"), curve):
        with pytest.raises(InvalidKey):
            PontoAdapter.from_config(config("https://api.example", signature_key=path))


def test_a_line_that_asks_for_a_certificate_gets_it(
    ponto: WirePonto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = str(make_certificate(tmp_path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    server = ponto.wire.server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    # A refused handshake is the server's trouble, not the test's output.
    monkeypatch.setattr(server, "handle_error", lambda *_: None)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    url = f"https://localhost:{server.server_address[1]}"
    ponto.on("GET /accounts", listed(account()))
    with pytest.raises(Unreachable):
        PontoAdapter.from_config(config(url)).accounts(secret())
    proven = config(url, certificate=certificate, certificate_key=certificate)
    assert len(PontoAdapter.from_config(proven).accounts(secret())) == 1
