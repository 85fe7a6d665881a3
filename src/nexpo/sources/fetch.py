"""Fetching a file so that nothing is lost and nothing is half-written.

A download goes to ``<name>.part`` and is renamed only when its length and, where one is
known, its hash are right. What was fetched before an interruption is continued with a HTTP
range, on the condition that the file is still the same (``If-Range`` with its ETag or date);
a server that cannot promise that is asked for the whole file again. Beside the file,
``<name>.source.json`` keeps address, hash, validator and the time of retrieval.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import httpx

from nexpo.core.files import disk_problems, sha256_of, write_json
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.progress import Progress, Silent
from nexpo.sources.directory import Source

_ATTEMPTS = 4
_TIMEOUT = httpx.Timeout(30.0, connect=15.0)
_NO_ROOM = "make room or choose another folder with --to; what was fetched is kept"
_WEB_PAGE = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was fetched whole.

    Attributes
    ----------
    resumed_from
        Bytes that an earlier try had left, 0 when it began anew.
    """

    path: Path
    address: str
    bytes: int
    sha256: str
    resumed_from: int


@dataclass(frozen=True, slots=True)
class _Left:
    """What an earlier try left: its bytes, and how the server names that version."""

    bytes: int
    validator: str


def fetch(
    item: Source,
    folder: Path,
    *,
    address: str = "",
    sha256: str = "",
    progress: Progress | None = None,
    client: httpx.Client | None = None,
) -> Download:
    """Fetch the file of a source into a folder.

    Parameters
    ----------
    item
        Source of the directory.
    folder
        Where the source's own folder is made.
    address, sha256
        In place of those of the directory. Its hash holds for another address too, and
        gives way only to another hash.

    Raises
    ------
    Problem
        When the source has no address of a file, or the download fails.
    """
    url = address or item.download
    if not url and not item.files:
        raise Problem(
            Kind.USAGE,
            "this source is a package that was installed with Nexpo: there is nothing to fetch",
            value=item.key,
            remedy=f"its page is {item.address}",
        )
    if not url:
        raise Problem(
            Kind.UNAVAILABLE,
            "this source has no address for a file: it is fetched by hand",
            value=item.key,
            remedy=f"get it at {item.address} and put it in {folder / item.folder} "
            f"as {' or '.join(item.files)}; "
            "or pass its address with --url",
        )
    target = folder / item.folder / _name_for(item, url)
    return download(url, target, sha256=sha256 or item.sha256, progress=progress, client=client)


def _name_for(item: Source, url: str) -> str:
    """Return the name to store a file under: where one is sure, that which it is found by."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    if not name:
        raise Problem(Kind.USAGE, "the address does not end in a file name", value=url)
    ending = "".join(PurePosixPath(name).suffixes)
    alike = [known for known in item.files if known.endswith(ending) and "*" not in known]
    return alike[0] if not item.finds(name) and ending and len(alike) == 1 else name


def download(
    url: str,
    target: Path,
    *,
    sha256: str = "",
    progress: Progress | None = None,
    client: httpx.Client | None = None,
) -> Download:
    """Download a file, going on where an earlier try stopped.

    Parameters
    ----------
    sha256
        Expected hash, or empty.
    client
        Given by tests; by default one is made and closed.

    Raises
    ------
    Problem
        ``UNAVAILABLE`` without network or when the connection keeps breaking (what was
        fetched is kept), ``NO_INPUT`` when there is no such file, ``BAD_INPUT`` when
        the content is not what was expected, ``CANNOT_WRITE`` when the disk refuses.
    """
    steps = progress or Silent()
    steps.step(f"fetching {target.name}")
    part = target.with_name(f"{target.name}.part")
    with disk_problems(target, _NO_ROOM), _client(client) as http:
        target.parent.mkdir(parents=True, exist_ok=True)
        resumed = _left(part).bytes
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                resumed = min(resumed, _transfer(http, url, part, steps))
                break
            except httpx.TransportError as error:
                if attempt == _ATTEMPTS or not _may_go_on(part, error):
                    raise _broken(url, part, error) from None
        found = _verified(part, url, sha256)
        size = part.stat().st_size
        validator = _left(part).validator
        part.replace(target)
        _state_of(part).unlink(missing_ok=True)
        done = Download(target, url, size, found, resumed)
        _write_provenance(done, validator)
    return done


def _transfer(http: httpx.Client, url: str, part: Path, progress: Progress) -> int:
    """Fetch what is missing into ``part``; return how many bytes were there before."""
    left = _left(part)
    headers = {"Accept-Encoding": "identity"}
    if left.bytes:
        headers |= {"Range": f"bytes={left.bytes}-", "If-Range": left.validator}
    with http.stream("GET", url, headers=headers) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and left.bytes:
            if answer.headers.get("Content-Range") == f"bytes */{left.bytes}":
                return left.bytes
            _forget(part)
            return _transfer(http, url, part, progress)
        _refuse(answer, url)
        start = left.bytes if _continues(answer, left) else 0
        _remember(part, answer)
        _write(answer, part, start, progress)
    return start


def _write(answer: httpx.Response, part: Path, start: int, progress: Progress) -> None:
    length = "" if _packed(answer) else answer.headers.get("Content-Length", "")
    total = start + int(length) if length.isdigit() else None
    done = start
    with part.open("r+b" if start else "wb") as stream:
        stream.seek(start)
        stream.truncate()
        for block in answer.iter_bytes():  # no block size: what came is written at once
            stream.write(block)
            done += len(block)
            progress.advance(done, total, "bytes")
    if total is not None and done < total:
        message = f"{done} of {total} bytes came"
        raise httpx.RemoteProtocolError(message)


def _continues(answer: httpx.Response, left: _Left) -> bool:
    """Tell whether the answer is the rest of what was left."""
    if answer.status_code != httpx.codes.PARTIAL_CONTENT:
        return False
    match = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return match is not None and int(match[1]) == left.bytes


def _packed(answer: httpx.Response) -> bool:
    """Tell whether the server packed the content though it was asked not to."""
    return str(answer.headers.get("Content-Encoding", "identity")) != "identity"


def _refuse(answer: httpx.Response, url: str) -> None:
    status = answer.status_code
    if status in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
        return
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        raise Problem(
            Kind.NO_INPUT,
            f"there is no such file at the publisher's ({status})",
            value=url,
            remedy="addresses expire: find the file's new one and pass it with --url",
        )
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise Problem(
            Kind.UNAVAILABLE,
            f"the publisher asks for a login or refuses ({status})",
            value=url,
            remedy="fetch the file by hand and put it into the data folder",
        )
    raise Problem(
        Kind.UNAVAILABLE,
        f"the publisher's server answered {status} {answer.reason_phrase}",
        value=url,
        remedy="try again later: what was fetched so far is kept",
    )


def _verified(part: Path, url: str, sha256: str) -> str:
    """Return the hash of what came, when it is what was expected; else forget it."""
    with part.open("rb") as stream:
        head = stream.read(256).lstrip().lower()
    if head.startswith(_WEB_PAGE) and not url.casefold().endswith((".html", ".htm")):
        _forget(part)
        raise bad_input(
            "the address answered with a web page, not with the file",
            value=url,
            remedy="open it in a browser: it may ask for consent or a login",
        )
    found = sha256_of(part)
    if sha256 and found != sha256.casefold():
        _forget(part)
        raise bad_input(
            "the file is not the expected one: its hash differs",
            where=Where(part.name.removesuffix(".part")),
            value=found,
            remedy=f"expected {sha256}: the publisher may have changed it; "
            "pass the new hash with --sha256 once you trust it",
        )
    return found


def _may_go_on(part: Path, error: httpx.TransportError) -> bool:
    """Tell whether trying again at once can help: something came, and it can be continued."""
    never_reached = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    return not never_reached and part.exists()


def _broken(url: str, part: Path, error: httpx.TransportError) -> Problem:
    host = urlsplit(url).netloc
    left = _left(part).bytes
    if isinstance(error, httpx.UnsupportedProtocol):
        return Problem(Kind.USAGE, "the address is not http or https", value=url)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        detail = f"no connection to {host}"
    else:
        detail = f"the connection to {host} broke"
    kept = f"{left:,} bytes are kept: run again to continue" if left else "run again"
    return Problem(
        Kind.UNAVAILABLE, detail, value=str(error) or url, remedy=f"check the network; {kept}"
    )


# What lies beside the file


def _state_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _left(part: Path) -> _Left:
    try:
        state = json.loads(_state_of(part).read_text(encoding="utf-8"))
        validator = str(state["validator"])
        return _Left(part.stat().st_size if validator else 0, validator)
    except (OSError, ValueError, KeyError, TypeError):
        return _Left(0, "")


def _remember(part: Path, answer: httpx.Response) -> None:
    """Keep the validator of what is coming; a weak ETag cannot promise the same bytes."""
    etag = answer.headers.get("ETag", "")
    strong = etag if etag and not etag.startswith("W/") else ""
    dated = answer.headers.get("Last-Modified", "")
    validator = "" if _packed(answer) else strong or dated
    write_json(_state_of(part), {"validator": validator})


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _state_of(part).unlink(missing_ok=True)


def _write_provenance(done: Download, validator: str) -> None:
    facts = asdict(done) | {
        "path": done.path.name,
        "validator": validator,
        "retrieved_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_json(done.path.with_name(f"{done.path.name}.source.json"), facts)


@contextmanager
def _client(given: httpx.Client | None) -> Iterator[httpx.Client]:
    if given is not None:
        yield given
        return
    with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client:
        yield client
