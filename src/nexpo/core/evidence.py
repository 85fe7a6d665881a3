"""Evidence: every figure is a value together with its derivation.

A leaf is *observed*: counted or read from an input file by a stated query. Any other
figure is *derived* from other figures by an arithmetic expression, which is evaluated
here and nowhere else, so that the arithmetic printed is the arithmetic done.
"""

from __future__ import annotations

import ast
import json
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from nexpo.core.files import write_text
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem, Where

Value = int | float | str | None


@dataclass(frozen=True, slots=True)
class Input:
    """An input file as it was read.

    Attributes
    ----------
    source
        Key in the directory of sources.
    name
        File name, without folders of the machine.
    sha256
        Hash of the bytes that were read.
    licence, vintage
        Terms of use and the day or period that the data describe.
    redistributable
        Whether the file may be handed on.
    synthetic
        Whether it is a stand-in made by a seed.
    """

    source: str
    name: str
    sha256: str
    licence: str
    vintage: str
    redistributable: bool
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its derivation.

    ``expression`` is arithmetic over the names in ``operands`` (name to figure id);
    for an observed figure it is empty and ``query`` says what was read or counted.
    """

    id: str
    title: str
    value: Value
    unit: str
    as_of: date
    place: str
    function: str
    query: str = ""
    expression: str = ""
    operands: tuple[tuple[str, str], ...] = ()
    parameters: tuple[Use, ...] = ()
    inputs: tuple[Input, ...] = ()
    note: str = ""
    synthetic: bool = False


class Ledger:
    """The figures of one build, by id.

    Examples
    --------
    >>> ledger = Ledger()
    >>> day = date(2025, 8, 1)
    >>> b = ledger.observe(id="b", title="near", value=97584, unit="civico", as_of=day,
    ...                    place="03", function="count", query="stato = 'B'")
    >>> c = ledger.observe(id="c", title="far", value=89394, unit="civico", as_of=day,
    ...                    place="03", function="count", query="stato = 'C'")
    >>> ledger.derive(id="sum", title="located", unit="civico", as_of=day, place="03",
    ...               function="sum", expression="near + far",
    ...               operands={"near": b, "far": c}).value
    186978
    >>> print(ledger.explain("sum"))
    located [03, 2025-08-01] = 186,978 civico
      = near + far
      = 97,584 + 89,394
      by sum
      near: near [03, 2025-08-01] = 97,584 civico
        by count: stato = 'B'
      far: far [03, 2025-08-01] = 89,394 civico
        by count: stato = 'C'
    """

    def __init__(self, figures: Iterable[Figure] = ()) -> None:
        self._figures = {figure.id: figure for figure in figures}

    def __len__(self) -> int:
        return len(self._figures)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._figures.values())

    def __contains__(self, figure_id: object) -> bool:
        return figure_id in self._figures

    def __getitem__(self, figure_id: str) -> Figure:
        try:
            return self._figures[figure_id]
        except KeyError:
            raise Problem(
                Kind.NO_INPUT,
                "no such figure in this build",
                value=figure_id,
                remedy=f"figures with a like name: {', '.join(self.like(figure_id)) or 'none'}",
            ) from None

    def like(self, text: str, most: int = 8) -> list[str]:
        """Return ids near to a text, for messages and completion."""
        from difflib import get_close_matches  # noqa: PLC0415 - only errors pay for it

        within = [name for name in self._figures if text.casefold() in name.casefold()]
        return (within or get_close_matches(text, self._figures, n=most, cutoff=0.5))[:most]

    def observe(self, **fields: Any) -> Figure:
        """Add a figure read or counted from inputs; see :class:`Figure` for the fields."""
        inputs = tuple(fields.pop("inputs", ()))
        synthetic = fields.pop("synthetic", False) or any(item.synthetic for item in inputs)
        return self._add(Figure(inputs=inputs, synthetic=synthetic, **fields))

    def derive(self, *, expression: str, operands: Mapping[str, Figure], **fields: Any) -> Figure:
        """Add a figure computed from others by ``expression``.

        An operand without value (unknown) makes the figure unknown; a division by
        zero does too. Synthetic operands make it synthetic.
        """
        parameters = tuple(fields.pop("parameters", ()))
        synthetic = fields.pop("synthetic", False)
        return self._add(
            Figure(
                value=evaluate(expression, {key: item.value for key, item in operands.items()}),
                expression=expression,
                operands=tuple((key, item.id) for key, item in operands.items()),
                parameters=parameters,
                synthetic=synthetic or any(item.synthetic for item in operands.values()),
                **fields,
            )
        )

    def explain(self, figure_id: str, *, depth: int = 12) -> str:
        """Print the arithmetic of a figure with the numbers in, down to the inputs."""
        return "\n".join(self._explain(self[figure_id], "", "", depth))

    def check(self) -> list[str]:
        """Recompute every derived figure; return the ids whose value does not follow."""
        return [
            figure.id
            for figure in self
            if figure.expression and figure.value != self._recomputed(figure)
        ]

    def write(self, path: Path) -> Path:
        """Write the ledger as JSON lines, one figure a line, inputs and rules once."""
        return write_text(path, "".join(self._lines()))

    def inputs(self) -> tuple[Input, ...]:
        """Return every input of any figure, once, in order of first use."""
        return tuple(dict.fromkeys(item for figure in self for item in figure.inputs))

    def parameters(self) -> tuple[Use, ...]:
        """Return every parameter used by any figure, once."""
        return tuple(dict.fromkeys(use for figure in self for use in figure.parameters))

    def _add(self, figure: Figure) -> Figure:
        if figure.id in self._figures:
            raise Problem(Kind.INTERNAL, "two figures have one id", value=figure.id)
        self._figures[figure.id] = figure
        return figure

    def _recomputed(self, figure: Figure) -> Value:
        return evaluate(figure.expression, {k: self[v].value for k, v in figure.operands})

    def _lines(self) -> Iterator[str]:
        inputs = {item: index for index, item in enumerate(self.inputs())}
        uses = {use: index for index, use in enumerate(self.parameters())}
        for item in inputs:
            yield _line({"input": asdict(item)})
        for use in uses:
            yield _line({"parameter": asdict(use)})
        for figure in self:
            plain = asdict(replace(figure, inputs=(), parameters=()))
            plain["inputs"] = [inputs[item] for item in figure.inputs]
            plain["parameters"] = [uses[use] for use in figure.parameters]
            yield _line({"figure": {key: value for key, value in plain.items() if value != []}})

    def _explain(self, figure: Figure, name: str, indent: str, depth: int) -> Iterator[str]:
        label = f"{name}: " if name else ""
        mark = "  (synthetic)" if figure.synthetic else ""
        shown = f"{format_value(figure.value)} {figure.unit}".rstrip()
        yield f"{indent}{label}{figure.title} [{figure.place}, {figure.as_of}] = {shown}{mark}"
        inner = indent + "  "
        if figure.expression:
            yield f"{inner}= {figure.expression}"
            yield f"{inner}= {self._substituted(figure)}"
        yield f"{inner}by {figure.function}" + (f": {figure.query}" if figure.query else "")
        yield from (f"{inner}note: {figure.note}" for _ in (1,) if figure.note)
        for use in figure.parameters:
            checked = "verified" if use.verified else "unverified"
            yield (
                f"{inner}rule {use.parameter} = {use.value} {use.unit}".rstrip()
                + f" (from {use.valid_from}, {use.article}, {checked})"
            )
        for item in figure.inputs:
            yield (
                f"{inner}from {item.name} (source {item.source}, vintage {item.vintage}, "
                f"licence {item.licence}, sha256 {item.sha256[:12]})"
            )
        if depth > 0:
            for key, operand in figure.operands:
                yield from self._explain(self[operand], key, inner, depth - 1)

    def _substituted(self, figure: Figure) -> str:
        shown = {key: format_value(self[item].value) for key, item in figure.operands}
        return _substitute(figure.expression, shown)


def read_ledger(path: Path) -> Ledger:
    """Read a ledger written by :meth:`Ledger.write`.

    Raises
    ------
    Problem
        When the file is missing or a line is not a figure, naming the line.
    """
    inputs: list[Input] = []
    uses: list[Use] = []
    figures: list[Figure] = []
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise Problem(
            Kind.NO_INPUT,
            "this folder holds no evidence",
            where=Where(str(path)),
            remedy="run nexpo build REGION first, or name the build with --build",
        ) from None
    with stream:
        for number, line in enumerate(stream, 1):
            try:
                entry = json.loads(line)
                if "input" in entry:
                    inputs.append(Input(**entry["input"]))
                elif "parameter" in entry:
                    uses.append(_use(entry["parameter"]))
                else:
                    figures.append(_figure(entry["figure"], inputs, uses))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise Problem(
                    Kind.BAD_INPUT,
                    f"the evidence file is damaged: {error}",
                    where=Where(str(path), number),
                    remedy="run the build again",
                ) from None
    return Ledger(figures)


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """Evaluate arithmetic (``+ - * /``, ``min``, ``max``, ``round``) over named numbers.

    An unknown operand (None) or a division by zero gives None. Nothing but
    arithmetic is accepted.

    Examples
    --------
    >>> evaluate("1000 * uncovered / people", {"uncovered": 70, "people": 391})
    179.02813299232736
    >>> evaluate("a / b", {"a": 1, "b": 0}) is None
    True
    """
    try:
        return _evaluate(ast.parse(expression, mode="eval").body, values)
    except (_UnknownError, ZeroDivisionError):
        return None


def format_value(value: Value) -> str:
    """Write a value for people: thousands grouped, at most six significant decimals."""
    if value is None:
        return "unknown"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        text = f"{value:,.4f}" if abs(value) >= 1 else f"{value:.6g}"
        return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return value


class _UnknownError(Exception):
    """An operand has no value."""


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "round": round}


def _evaluate(node: ast.expr, values: Mapping[str, Value]) -> int | float:
    match node:
        case ast.Constant(value=int() | float() as constant):
            return constant
        case ast.Name(id=name):
            value = values[name]
            if not isinstance(value, int | float):
                raise _UnknownError
            return value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            result = _BINARY[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            result = -_evaluate(inner, values)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            result = _FUNCTIONS[name](*(_evaluate(arg, values) for arg in args))
        case _:
            raise Problem(
                Kind.INTERNAL, "an expression holds more than arithmetic", value=ast.unparse(node)
            )
    return result  # type: ignore[no-any-return]


def _substitute(expression: str, shown: Mapping[str, str]) -> str:
    tree = ast.parse(expression, mode="eval").body
    names = sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in shown),
        key=lambda node: node.col_offset,
        reverse=True,
    )
    text = expression.encode()  # offsets of the tree count bytes
    for node in names:
        end = node.end_col_offset or 0
        text = text[: node.col_offset] + shown[node.id].encode() + text[end:]
    return text.decode()


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":")) + "\n"


def _use(entry: dict[str, Any]) -> Use:
    return Use(**{**entry, "valid_from": date.fromisoformat(entry["valid_from"])})


def _figure(entry: dict[str, Any], inputs: list[Input], uses: list[Use]) -> Figure:
    entry["as_of"] = date.fromisoformat(entry["as_of"])
    entry["inputs"] = tuple(inputs[index] for index in entry.get("inputs", ()))
    entry["parameters"] = tuple(uses[index] for index in entry.get("parameters", ()))
    entry["operands"] = tuple((key, value) for key, value in entry.get("operands", ()))
    return Figure(**entry)
