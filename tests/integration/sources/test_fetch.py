"""Downloads against a server on loopback that cuts, changes, refuses and lies."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from nexpo.cli.data import command
from nexpo.core.problem import Kind, Problem
from nexpo.sources.directory import source
from nexpo.sources.fetch import download, fetch

pytestmark = pytest.mark.integration
CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Publisher:
    """What the server does next; a test turns its knobs."""

    content: bytes = CONTENT
    etag: str = '"one"'
    ranges: bool = True
    status: int = 200
    cut_after: list[int] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)
    address: str = ""


class _Handler(BaseHTTPRequestHandler):
    publisher: Publisher

    def do_GET(self) -> None:
        state = self.publisher
        asked = self.headers.get("Range")
        state.asked.append(asked)
        if state.status != 200:
            self.send_error(state.status)
            return
        start = self._start(asked)
        if start is not None and start >= len(state.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(state.content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = state.content[start or 0 :]
        self.send_response(200 if start is None else 206)
        if start is not None:
            last = len(state.content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
        if state.etag:
            self.send_header("ETag", state.etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if state.cut_after:
            self.wfile.write(body[: state.cut_after.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            return
        with suppress(ConnectionError):
            self.wfile.write(body)

    def _start(self, asked: str | None) -> int | None:
        match = re.fullmatch(r"bytes=(\d+)-", asked or "")
        same = self.headers.get("If-Range") == self.publisher.etag
        return int(match[1]) if match and same and self.publisher.ranges else None

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    state = Publisher()
    handler = type("Handler", (_Handler,), {"publisher": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_address[1]}/files/list.bin"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def leave_part(target: Path, size: int, etag: str = '"one"') -> None:
    """Leave what an interrupted download leaves."""
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(CONTENT[:size])
    part.with_name(f"{part.name}.json").write_text(json.dumps({"validator": etag}))


def test_a_whole_download(publisher: Publisher, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "list.bin"
    done = download(publisher.address, target, sha256=SHA256.upper())
    assert target.read_bytes() == CONTENT
    assert (done.bytes, done.sha256, done.resumed_from) == (len(CONTENT), SHA256, 0)
    facts = json.loads((tmp_path / "deep" / "list.bin.source.json").read_text())
    assert facts["address"] == publisher.address
    assert facts["validator"] == '"one"'
    assert facts["retrieved_at"].endswith("+00:00")
    assert {file.name for file in target.parent.iterdir()} == {"list.bin", "list.bin.source.json"}


def test_an_interrupted_download_goes_on(publisher: Publisher, tmp_path: Path) -> None:
    leave_part(tmp_path / "list.bin", 5000)
    done = download(publisher.address, tmp_path / "list.bin", sha256=SHA256)
    assert publisher.asked == ["bytes=5000-"]
    assert done.resumed_from == 5000


def test_a_connection_cut_in_the_middle_is_taken_up(publisher: Publisher, tmp_path: Path) -> None:
    publisher.cut_after = [300_000, 200_000]
    download(publisher.address, tmp_path / "list.bin", sha256=SHA256)
    assert publisher.asked[0] is None
    assert len(publisher.asked) == 3
    assert all(asked is not None for asked in publisher.asked[1:])


def test_a_connection_that_keeps_breaking_keeps_the_bytes(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.cut_after = [100_000] * 9
    with pytest.raises(Problem, match="broke") as caught:
        download(publisher.address, tmp_path / "list.bin")
    assert caught.value.kind is Kind.UNAVAILABLE
    assert "are kept" in str(caught.value.remedy)
    publisher.cut_after = []
    done = download(publisher.address, tmp_path / "list.bin", sha256=SHA256)
    assert done.resumed_from >= 100_000


def test_a_changed_file_is_begun_anew(publisher: Publisher, tmp_path: Path) -> None:
    leave_part(tmp_path / "list.bin", 5000)
    publisher.etag, publisher.content = '"two"', CONTENT[::-1]
    done = download(publisher.address, tmp_path / "list.bin")
    assert (tmp_path / "list.bin").read_bytes() == CONTENT[::-1]
    assert done.resumed_from == 0


def test_a_file_that_changes_while_it_is_fetched(publisher: Publisher, tmp_path: Path) -> None:
    publisher.cut_after = [300_000]
    changed = CONTENT[::-1]

    def change(_: httpx.Request) -> None:
        if publisher.asked:
            publisher.etag, publisher.content = '"two"', changed

    with httpx.Client(event_hooks={"request": [change]}) as client:
        download(publisher.address, tmp_path / "list.bin", client=client)
    assert (tmp_path / "list.bin").read_bytes() == changed


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_validator_nothing_is_resumed(
    publisher: Publisher, tmp_path: Path, etag: str
) -> None:
    publisher.etag, publisher.cut_after = etag, [300_000]
    download(publisher.address, tmp_path / "list.bin", sha256=SHA256)
    assert publisher.asked == [None, None]


def test_a_server_without_ranges_sends_it_whole(publisher: Publisher, tmp_path: Path) -> None:
    leave_part(tmp_path / "list.bin", 5000)
    publisher.ranges = False
    assert download(publisher.address, tmp_path / "list.bin", sha256=SHA256).resumed_from == 0


def test_a_part_that_is_whole_already(publisher: Publisher, tmp_path: Path) -> None:
    leave_part(tmp_path / "list.bin", len(CONTENT))
    done = download(publisher.address, tmp_path / "list.bin", sha256=SHA256)
    assert done.resumed_from == len(CONTENT)


def test_a_part_longer_than_the_file_is_forgotten(publisher: Publisher, tmp_path: Path) -> None:
    leave_part(tmp_path / "list.bin", len(CONTENT))
    publisher.content = CONTENT[:1000]
    download(publisher.address, tmp_path / "list.bin")
    assert (tmp_path / "list.bin").stat().st_size == 1000


def test_a_wrong_hash_leaves_the_last_good_file(publisher: Publisher, tmp_path: Path) -> None:
    target = tmp_path / "list.bin"
    target.write_bytes(b"good")
    with pytest.raises(Problem, match="hash differs") as caught:
        download(publisher.address, target, sha256="0" * 64)
    assert caught.value.value == SHA256
    assert target.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (404, Kind.NO_INPUT, "no such file"),
        (410, Kind.NO_INPUT, "no such file"),
        (403, Kind.UNAVAILABLE, "login"),
        (503, Kind.UNAVAILABLE, "503"),
    ],
)
def test_refusals(
    publisher: Publisher, tmp_path: Path, status: int, kind: Kind, words: str
) -> None:
    publisher.status = status
    with pytest.raises(Problem, match=words) as caught:
        download(publisher.address, tmp_path / "list.bin")
    assert caught.value.kind is kind
    assert caught.value.remedy
    assert not (tmp_path / "list.bin").exists()


def test_a_web_page_in_place_of_the_file(publisher: Publisher, tmp_path: Path) -> None:
    publisher.content = b"\n<!DOCTYPE html><title>consent</title>"
    with pytest.raises(Problem, match="web page"):
        download(publisher.address, tmp_path / "list.bin")
    assert list(tmp_path.iterdir()) == []


def test_no_network(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no connection") as caught:
        download("http://127.0.0.1:9/list.bin", tmp_path / "list.bin")
    assert caught.value.kind is Kind.UNAVAILABLE
    with pytest.raises(Problem, match="http"):
        download("ftp://127.0.0.1/list.bin", tmp_path / "list.bin")


def test_a_disk_that_refuses(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Problem) as caught:
        download(publisher.address, tmp_path / "file" / "list.bin")
    assert caught.value.kind is Kind.CANNOT_WRITE


def test_an_interrupt_keeps_the_part(publisher: Publisher, tmp_path: Path) -> None:
    class Interrupted:
        def step(self, name: str) -> None: ...

        def advance(self, done: int, total: int | None, unit: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(publisher.address, tmp_path / "list.bin", progress=Interrupted())
    done = download(publisher.address, tmp_path / "list.bin", sha256=SHA256)
    assert done.resumed_from > 0


def test_a_source_goes_to_its_own_folder(publisher: Publisher, tmp_path: Path) -> None:
    item = replace(source("osb-openapi"), download=publisher.address, sha256=SHA256)
    assert fetch(item, tmp_path).path == tmp_path / "osb" / "list.bin"
    with pytest.raises(Problem, match="does not end"):
        fetch(item, tmp_path, address="http://127.0.0.1/")


def test_a_known_hash_holds_for_another_address_too(publisher: Publisher, tmp_path: Path) -> None:
    good = tmp_path / "osb" / "openapi.yaml"
    good.parent.mkdir()
    good.write_text("the last good file")
    with pytest.raises(Problem, match=r"(?s)expected [0-9a-f]{64}.*--sha256"):
        fetch(source("osb-openapi"), tmp_path, address=publisher.address)
    assert good.read_text() == "the last good file"
    new = fetch(source("osb-openapi"), tmp_path, address=publisher.address, sha256=SHA256)
    assert new.sha256 == SHA256


def test_a_file_is_stored_by_the_name_that_it_is_found_by(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = replace(source("infratel-uncovered-2025"), files=("the_list.bin",), sha256=SHA256)
    stored = fetch(item, tmp_path, address=publisher.address).path
    assert stored == tmp_path / item.folder / "the_list.bin"
    assert item.finds(stored.name)
    several = replace(item, files=("one.bin", "other.bin"))
    assert fetch(several, tmp_path, address=publisher.address).path.name == "list.bin"
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path))
    arguments = ["get", "openfiber-coverage-cd", "--url", publisher.address]
    said = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert "rename it to dbcopertura_CD_*.csv" in said.output


def test_the_command_prints_licence_and_result(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path))
    arguments = ["get", "openfiber-coverage-cd", "--url", publisher.address]
    said = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert "licence: unverified (for your own use only)" in said.output
    assert SHA256 in said.output
    said = CliRunner().invoke(
        command,
        [*arguments, "--json", "--sha256", SHA256, "--to", str(tmp_path / "x")],
        catch_exceptions=False,
    )
    result = json.loads(said.stdout)
    assert result["sha256"] == SHA256
    assert result["redistributable"] is False
