"""Plays what lies outside: web servers that check what they get, and a mail server that speaks SMTP."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


@dataclass
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Outside:
    """A server's address, what it got, and what it answers next."""

    url: str = ""
    got: list[Got] = field(default_factory=list)


Answer = Callable[[Got], tuple[int, object]]


@contextmanager
def web(answer: Answer) -> Iterator[Outside]:
    """A web server on loopback that answers as it is told."""
    outside = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            outside.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, said = answer(outside.got[-1])
            text = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        outside.url = f"http://127.0.0.1:{server.server_port}/hook?access_token=t"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield outside
        server.shutdown()
        thread.join()


@contextmanager
def mail_server(replies: dict[str, str]) -> Iterator[tuple[int, list[bytes]]]:
    """An SMTP server: its port and the messages it took. `replies` overrules what it says to a verb."""
    taken: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self):
            self.say(replies.get("hello", "220 here"))
            for line in self.rfile:
                verb = line.split(b":")[0].split()[0].decode().upper()
                if verb in replies:
                    self.say(replies[verb])
                elif verb == "DATA":
                    self.say("354 go on")
                    taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.say("250 taken")
                else:
                    self.say("221 bye" if verb == "QUIT" else "250 fine")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], taken
        server.shutdown()
        thread.join()
