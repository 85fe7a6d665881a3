"""Steiner instances on file: SteinLib ``.stp`` and PACE ``.gr``, plain, xz or gzip.

Both are lines of words in sections, ids from 1. ``.stp`` adds a root (``RootP r``), prizes
(``TP v prize``) and arcs (``A u v w``). Weights with decimals are scaled by a power of ten to
integers, so that costs and bounds stay exact.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO

import numpy as np

from nexpo.connectivity.design.steiner.kernels import MUST, Ints
from nexpo.connectivity.design.steiner.model import Answer, Instance
from nexpo.core.files import write_text
from nexpo.core.problem import Kind, Problem, Where

_MOST_DECIMALS = 9


@dataclass(frozen=True, slots=True, eq=False)
class SteinerFile:
    """An instance and what one unit of its integers is worth in the file's unit."""

    instance: Instance
    scale: int

    def in_file_units(self, cost: int) -> int | float:
        """Return a cost as the file would write it."""
        return cost if self.scale == 1 else cost / self.scale


def read_steiner(path: Path) -> SteinerFile:
    """Read an instance.

    Parameters
    ----------
    path
        SteinLib ``.stp`` or PACE ``.gr``; plain, or with ``.xz`` or ``.gz`` behind.

    Raises
    ------
    Problem
        Naming file, line and value: a file cut in the middle, an id outside the graph, a weight
        below zero or no number, no terminal, a kind of problem that is not this one.
    """
    parse = _Parse(path)
    for number, words in _lines(path):
        parse.take(number, words)
    return parse.finish()


def write_tree(path: Path, file: SteinerFile, answer: Answer) -> None:
    """Write a tree as PACE asks: ``VALUE cost``, then an edge a line."""
    lines = [f"VALUE {file.in_file_units(answer.cost)}"]
    tail, head = file.instance.tail[answer.edges], file.instance.head[answer.edges]
    lines += [f"{u + 1} {v + 1}" for u, v in zip(tail.tolist(), head.tolist(), strict=True)]
    write_text(path, "\n".join(lines) + "\n")


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    openers: dict[str, Callable[..., IO[str]]] = {".xz": lzma.open, ".gz": gzip.open}
    opener = openers.get(path.suffix, open)
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8", errors="replace") as stream:
            for number, line in enumerate(stream, 1):
                words = line.split()
                if words:
                    yield number, words
    except IsADirectoryError:
        raise Problem(
            Kind.BAD_INPUT, f"{path} is a folder", remedy="name a file, .stp or .gr"
        ) from None
    except FileNotFoundError:
        raise Problem(
            Kind.NO_INPUT, f"no file {path}", remedy="check the path of the instance"
        ) from None
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise Problem(
            Kind.BAD_INPUT,
            f"the compressed file breaks off after line {number}: {error}",
            where=Where(file=str(path), row=number),
            remedy="fetch the file again",
        ) from None


@dataclass(slots=True)
class _Parse:
    """What the lines have said so far."""

    path: Path
    nodes: int | None = None
    edges_said: int | None = None
    terminals_said: int | None = None
    section: str = ""
    ended: bool = False
    line: int = 0
    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    cost: list[Decimal] = field(default_factory=list)
    arcs: list[tuple[int, int, Decimal]] = field(default_factory=list)
    terminals: list[int] = field(default_factory=list)
    prizes: list[tuple[int, Decimal]] = field(default_factory=list)
    root: int | None = None
    name: str = ""

    def take(self, number: int, words: list[str]) -> None:
        """Take a line."""
        self.line = number
        word = words[0].upper()
        if word == "E" and len(words) == 4 and self.section == "GRAPH":  # noqa: PLR2004
            self.tail.append(self._node(words[1]))
            self.head.append(self._node(words[2]))
            self.cost.append(self._number(words[3]))
        elif word == "SECTION":
            self.section = words[1].upper() if len(words) > 1 else ""
        elif word == "END":
            self.section = ""
        elif word == "EOF":
            self.ended = True
        elif self.section == "GRAPH":
            self._graph(word, words)
        elif self.section == "TERMINALS":
            self._terminal(word, words)
        elif self.section == "COMMENT" and word == "NAME":
            self.name = " ".join(words[1:]).strip('"')
        elif self.section in {"MAXIMUMDEGREES", "NODEWEIGHTS"}:
            raise self._wrong(f"section {self.section} asks for another kind of Steiner problem")

    def _graph(self, word: str, words: list[str]) -> None:
        if word == "NODES":
            self.nodes = self._integer(self._value(words))
        elif word in {"EDGES", "ARCS"}:
            self.edges_said = self._integer(self._value(words))
        elif word == "A" and len(words) == 4:  # noqa: PLR2004
            self.arcs.append((self._node(words[1]), self._node(words[2]), self._number(words[3])))
        elif word in {"E", "A"}:
            raise self._wrong(f"an edge needs two nodes and a weight, here it is {' '.join(words)}")
        elif word not in {"OBSTACLES", "DIRECTED"}:
            raise self._wrong(f"{words[0]!r} is no word of the section Graph")

    def _terminal(self, word: str, words: list[str]) -> None:
        if word == "TERMINALS":
            self.terminals_said = self._integer(self._value(words))
        elif word == "T":
            self.terminals.append(self._node(self._value(words)))
        elif word in {"ROOTP", "ROOT"}:
            self.root = self._node(self._value(words))
        elif word == "TP" and len(words) == 3:  # noqa: PLR2004
            self.prizes.append((self._node(words[1]), self._number(words[2], endless=True)))
        else:
            raise self._wrong(f"{' '.join(words)!r} is no line of the section Terminals")

    def finish(self) -> SteinerFile:
        """Return the instance that the lines make."""
        self._edges_from_arcs()
        self._complete()
        numbers, prizes = self.cost, [value for _, value in self.prizes]
        scale = _scale([*numbers, *prizes])
        self._refuse_overflow(scale, [*numbers, *prizes])
        prize = None
        if self.prizes:
            prize = np.zeros(self.nodes or 0, np.int64)
            for (node, _), value in zip(self.prizes, prizes, strict=True):
                if value.is_finite():
                    prize[node] += int(value * scale)
                else:
                    self.terminals.append(node)
        instance = Instance(
            self.nodes or 0,
            np.asarray(self.tail, np.int64),
            np.asarray(self.head, np.int64),
            _scaled(numbers, scale),
            np.unique(np.asarray(self.terminals, np.int64)),
            prize,
            self.root,
            self.name or self.path.name,
        )
        return SteinerFile(instance, scale)

    def _complete(self) -> None:
        """See that the file is whole and asks for something."""
        if not self.line:
            raise self._wrong("the file is empty")
        if self.nodes is None:
            raise self._wrong("the file has no line 'Nodes': it is no SteinLib or PACE file")
        if not self.ended:
            raise self._wrong("the file breaks off: its last line is not EOF")
        found = len(self.tail)
        if self.edges_said is not None and not self.arcs and self.edges_said != found:
            raise self._wrong(f"{self.edges_said} edges are announced and {found} are there")
        asked = len(self.terminals) + len(self.prizes)
        said = self.terminals_said
        if said is not None and said not in {asked, asked + (self.root is not None)}:
            raise self._wrong(f"{said} terminals are announced and {asked} are there")
        if not asked and self.root is None:
            raise self._wrong("the file names no terminal, prize or root: nothing to connect")

    def _edges_from_arcs(self) -> None:
        """Take two opposite arcs of one weight as an edge; anything else is another problem."""
        waiting: dict[tuple[int, int, Decimal], int] = {}
        for tail, head, weight in self.arcs:
            if waiting.get((head, tail, weight)):
                waiting[head, tail, weight] -= 1
                self.tail.append(tail)
                self.head.append(head)
                self.cost.append(weight)
            else:
                waiting[tail, head, weight] = waiting.get((tail, head, weight), 0) + 1
        alone = [arc for arc, count in waiting.items() if count]
        if alone:
            tail, head, weight = alone[0]
            raise self._wrong(
                f"the arc from {tail + 1} to {head + 1} of weight {weight} has none back: "
                "a directed problem is not this one"
            )

    def _refuse_overflow(self, scale: int, numbers: list[Decimal]) -> None:
        if sum(number * scale for number in numbers if number.is_finite()) >= int(MUST):
            raise self._wrong("the weights add up to more than 64-bit integers can hold")

    def _value(self, words: list[str]) -> str:
        if len(words) != 2:  # noqa: PLR2004 - a word and its value
            raise self._wrong(f"{words[0]} needs one value, here it is {' '.join(words)!r}")
        return words[1]

    def _integer(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise self._wrong(f"{text!r} is no count")
        return int(text)

    def _node(self, text: str) -> int:
        node = self._integer(text)
        if self.nodes is None or not 1 <= node <= self.nodes:
            raise self._wrong(f"node {node} is not among 1 to {self.nodes or 0}")
        return node - 1

    def _number(self, text: str, *, endless: bool = False) -> Decimal:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise self._wrong(f"the weight {text!r} is no number") from None
        if value.is_nan() or value < 0 or not (value.is_finite() or endless):
            raise self._wrong(f"the weight {text} is below zero or no amount")
        if value.is_finite() and value.normalize().as_tuple().exponent < -_MOST_DECIMALS:  # type: ignore[operator]
            raise self._wrong(
                f"the weight {text} has more than {_MOST_DECIMALS} decimals: a bound on a "
                "rounded one would not hold for the file"
            )
        return value

    def _wrong(self, message: str) -> Problem:
        return Problem(
            Kind.BAD_INPUT,
            message,
            where=Where(file=str(self.path), row=self.line),
            remedy="compare with the description of SteinLib (.stp) or PACE 2018 (.gr)",
        )


def _scale(numbers: list[Decimal]) -> int:
    exponents = {n.normalize().as_tuple().exponent for n in set(numbers) if n.is_finite()}
    decimals = max((-int(e) for e in exponents if isinstance(e, int)), default=0)
    return int(10 ** min(max(decimals, 0), _MOST_DECIMALS))


def _scaled(numbers: list[Decimal], scale: int) -> Ints:
    return np.asarray([int(number * scale) for number in numbers], np.int64)
