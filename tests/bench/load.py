"""Puts load on a server with as little work of its own as Python allows. Must not parse what it receives."""

import multiprocessing
import socket
import time
from multiprocessing.queues import Queue
from urllib.parse import urlsplit


def request_bytes(url: str, headers: dict[str, str]) -> bytes:
    """A GET request as it goes over the wire."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer_length(connection: socket.socket, request: bytes) -> int:
    """Bytes of one whole answer, headers included; every answer of a run is equally long."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    assert status == b"200", head.decode()
    length = next(int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length:"))
    rest = length - len(body)
    if rest:
        connection.recv(rest, socket.MSG_WAITALL)
    return len(head) + 4 + length


def _one_client(address: tuple[str, int], request: bytes, seconds: float, done: "Queue[int]") -> None:
    with socket.create_connection(address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        length = answer_length(connection, request)
        count, ends = 0, time.perf_counter() + seconds
        while time.perf_counter() < ends:
            connection.sendall(request)
            if len(connection.recv(length, socket.MSG_WAITALL)) != length:
                break
            count += 1
    done.put(count)


def per_second(url: str, *, seconds: float, clients: int = 4, headers: dict[str, str] | None = None) -> float:
    """Answers a second over `clients` kept connections, each in a process of its own."""
    parts = urlsplit(url)
    address = ("127.0.0.1", int(parts.port or 80))
    context = multiprocessing.get_context("fork")
    done = context.Queue()
    request = request_bytes(url, headers or {})
    processes = [
        context.Process(target=_one_client, args=(address, request, seconds, done), daemon=True) for _ in range(clients)
    ]
    for process in processes:
        process.start()
    counts = [done.get(timeout=seconds + 30) for _ in processes]
    for process in processes:
        process.join()
    return sum(counts) / seconds
