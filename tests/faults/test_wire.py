"""What only a real server meets: bodies that are too long, broken off, chunked, or never end."""

from __future__ import annotations

import socket
import time

import pytest

from tests import files
from tests.faults.client import Client

HEAD = "POST /api/v1/applications/{id}/materials HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="material"\r\n\r\nid_card\r\n--x\r\n'
    b'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
)


def raw(client: Client, content: bytes, *, half_closed: bool = False) -> bytes:
    """Send bytes as they are; the whole answer."""
    with socket.create_connection(("127.0.0.1", client.product.port), timeout=30) as link:
        link.sendall(content)
        if half_closed:
            link.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := link.recv(65536):
            answer += piece
            if b"\r\n\r\n" in answer and not half_closed:
                return answer
        return answer


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [11, 20, 31])
def test_body_above_10_mib_is_read_and_then_413(client: Client, megabytes: int) -> None:
    draft = client.draft()
    answer = client.upload(draft, bytes(megabytes * 2**20))
    assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")
    answer = client.send(
        "POST", "/api/v1/auth/sms", b'{"a":"' + bytes(megabytes * 2**20), {"Content-Type": "application/json"}
    )
    assert answer.status == 413


@pytest.mark.slow
def test_upload_cut_at_half_leaves_neither_file_nor_row(client: Client) -> None:
    draft = client.draft()
    stored = client.product.data / "files"
    before = {path for path in stored.rglob("*") if path.is_file()}
    body = FORM + files.jpeg(900, 900)
    head = HEAD.format(id=draft, token=client.token)
    head += f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body) * 2}\r\n\r\n"
    raw(client, head.encode() + body, half_closed=True)
    assert len(client.call("GET", f"/applications/{draft}").json["materials"]) == 1
    assert {path for path in stored.rglob("*") if path.is_file()} == before
    assert not [path for path in (client.product.data / "uploads").rglob("*") if path.is_file()]
    assert client.upload(draft, files.jpeg(50, 50)).status == 201


@pytest.mark.slow
def test_chunked_upload_is_taken(client: Client) -> None:
    draft = client.draft()
    body = FORM + files.jpeg() + b"\r\n--x--\r\n"
    head = HEAD.format(id=draft, token=client.token)
    head += "Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    chunks = b"".join(
        f"{len(body[at : at + 500]):x}\r\n".encode() + body[at : at + 500] + b"\r\n" for at in range(0, len(body), 500)
    )
    answer = raw(client, head.encode() + chunks + b"0\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 201", b"HTTP/1.1 411", b"HTTP/1.1 400")), answer[:300]


@pytest.mark.slow
def test_query_above_8_kib_is_414_or_431(client: Client) -> None:
    assert client.send("GET", "/api/v1/service-items?q=" + "x" * 8200).status == 414
    long = client.send("GET", "/api/v1/service-items?q=" + "x" * 300_000)
    assert long.status in (400, 414, 431)


@pytest.mark.slow
def test_slow_sender_does_not_hold_the_others(client: Client) -> None:
    draft = client.draft()
    head = HEAD.format(id=draft, token=client.token)
    head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
    links = [socket.create_connection(("127.0.0.1", client.product.port)) for _ in range(3)]
    for link in links:
        link.sendall(head.encode() + FORM)
    started = time.monotonic()
    assert client.call("GET", "/me").status == 200
    assert time.monotonic() - started < 2
    for link in links:
        link.close()


@pytest.mark.slow
def test_spoofed_host_and_forwarding_change_nothing(client: Client) -> None:
    spoofed = {"Host": "evil.example", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    answer = client.send("GET", "/", headers=spoofed)
    assert b"evil.example" not in answer.content
    assert "Strict-Transport-Security" not in answer.headers
