"""A client of the gateway: sends events in NDJSON batches, counts the outcomes, and takes the fail mode when it must.

An event whose batch gets no answer is not lost in silence: it takes the outcome that the key's owner chose for that.
"""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import msgspec

NDJSON = "application/x-ndjson"
TRIES = 3
_LONGEST_WAIT_S = 5.0
_EXAMPLES = 3


class GatewayError(Exception):
    """The gateway refused a request; says why."""


class Connection:
    """One kept-alive connection to a gateway.

    Args:
        url: such as http://127.0.0.1:8080.
        key: the API key.
        timeout_s: for each answer.
    """

    def __init__(self, url: str, key: str, timeout_s: float = 30.0) -> None:
        host, port = _address(url)
        if not (key.isascii() and key.isprintable()):
            raise GatewayError("the key has characters that no key has; give it as `liandun key add` printed it")
        self._http = http.client.HTTPConnection(host, port, timeout=timeout_s)
        self._authorization = {"authorization": f"Bearer {key}"}

    def post(self, path: str, body: bytes, media: str = "application/json") -> tuple[int, dict[str, str], bytes]:
        """Send a body; status, headers (lower case) and body of the answer.

        Raises:
            OSError: no answer.
        """
        return self._ask("POST", path, body, {"content-type": media})

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Ask for an address; as `post`."""
        return self._ask("GET", path, None, {})

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        try:
            # A gateway that refuses may close before it has the whole body; its answer is there to be read.
            with suppress(BrokenPipeError):
                self._http.request(method, path, body, self._authorization | headers)
            answer = self._http.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        except (http.client.HTTPException, OSError, UnicodeError) as error:
            self._http.close()
            cause = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
            raise OSError(f"no answer from {self._http.host}:{self._http.port}: {cause}") from error

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __del__(self) -> None:
        if hasattr(self, "_http"):
            self.close()


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise GatewayError(f"{url}: {error}; give the address as http://HOST:PORT") from error
    if parts.scheme != "http" or host is None:
        raise GatewayError(f"{url}: give the address as http://HOST:PORT")
    return host, 80 if port is None else port


@dataclass(slots=True)
class Tally:
    """What became of the events that were sent.

    Attributes:
        outcomes: events by outcome, with those that took the fail mode; `taken` are those that get no verdict.
        problems: events by the kind of problem that kept them from being decided.
        examples: the first few events of each kind of problem and what they were told.
        failed: events that took the fail mode.
        cause: why the last of those got no answer.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    failed: int = 0
    cause: str = ""

    @property
    def events(self) -> int:
        return sum(self.outcomes.values()) + sum(self.problems.values())

    def note(self, problem: dict[str, Any]) -> None:
        """Count the next event, which has a problem."""
        kind = problem["type"].rpartition(":")[2]
        shown = self.examples.setdefault(kind, [])
        if len(shown) < _EXAMPLES:
            place = f"event {self.events + 1}" + (f" ({problem['id']})" if problem.get("id") else "")
            words = ": ".join(problem[name] for name in ("field", "detail") if problem.get(name))
            shown.append(f"{place}: {words or problem.get('title', '')}")
        self.problems[kind] += 1


class Sender:
    """Sends batches and keeps the tally.

    Args:
        fail_mode: the outcome of events that get no answer; None = what the gateway says of the key, else review.
    """

    def __init__(self, connection: Connection, fail_mode: str | None = None) -> None:
        self._connection = connection
        self._fail_mode = fail_mode
        self._known_mode = "review"
        self.tally = Tally()

    def send(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """Send events, one JSON object a line; the verdicts and problems in order, empty without an answer.

        Raises:
            GatewayError: the key or the request is wrong, so sending more is of no use.
        """
        answer = self._try(b"\n".join(lines))
        if answer is None:
            self.tally.failed += len(lines)
            self.tally.outcomes[self._fail_mode or self._known_mode] += len(lines)
            return []
        rows = msgspec.json.decode(b"[" + answer.rstrip(b"\n").replace(b"\n", b",") + b"]", type=list[dict[str, Any]])
        for row in rows:
            if "outcome" in row:
                self.tally.outcomes[row["outcome"]] += 1
            elif row.get("taken"):
                self.tally.outcomes["taken"] += 1
            else:
                self.tally.note(row)
        return rows

    def _try(self, body: bytes) -> bytes | None:
        """Sending again is safe: the gateway knows the events by their ids."""
        for attempt in range(TRIES):
            try:
                status, headers, answer = self._connection.post("/v1/decide/batch", body, NDJSON)
            except OSError as error:
                self.tally.cause = str(error)
                sleep(0.2 * attempt)
                continue
            self._known_mode = headers.get("liandun-fail-mode", self._known_mode)
            if status == 200:
                return answer
            if status not in (429, 500, 502, 503, 504):
                raise GatewayError(refusal(status, answer))
            self.tally.cause = refusal(status, answer)
            sleep(min(_LONGEST_WAIT_S, float(headers.get("retry-after", 1))))
        return None


def refusal(status: int, answer: bytes) -> str:
    """What a problem document says, in a line."""
    try:
        told = msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError:
        return f"the gateway answered {status}"
    field_name = f" ({told['field']})" if told.get("field") else ""
    return f"the gateway answered {status}: {told.get('title', '')}{field_name}: {told.get('detail', '')}"


def read_lines(file: Path) -> Iterator[bytes]:
    """The events of a file as JSON objects, one a line: NDJSON as it is, tables (CSV, Parquet) row by row.

    Raises:
        GatewayError: the file can't be read.
    """
    if file.suffix in (".ndjson", ".jsonl", ".json"):
        try:
            with file.open("rb") as lines:
                yield from (line.rstrip(b"\r\n") for line in lines if line.strip())
        except OSError as error:
            raise GatewayError(f"{file}: {error.strerror}; give an NDJSON, CSV or Parquet file") from error
        return
    import duckdb  # here: only tables need it, and it takes a while to load

    try:
        rows = duckdb.connect().execute("SELECT to_json(row)::VARCHAR FROM query_table(?) AS row", [str(file)])
        while part := rows.fetchmany(4096):
            yield from (text.encode() for (text,) in part)
    except duckdb.Error as error:
        raise GatewayError(f"{file}: {error}") from error


def batches(lines: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """`lines` in lists of at most `size`."""
    source = iter(lines)
    while part := list(islice(source, size)):
        yield part
