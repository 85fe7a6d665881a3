"""The Sankey of a plan: phase, what is bought, where each euro ends; SVG.

The width of a band is its EUR. Colour says the end, and so do the words beside it. A band below
zero (a subsidy on products) cannot be drawn: it is told under the drawing and is in the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from nexpo.build.impact.flows import PAID_TAXES, Flow
from nexpo.build.impact.svg import (
    INK,
    SOFT,
    amount,
    box,
    drawing,
    fitted,
    in_words,
    line,
    listed,
    text,
)
from nexpo.impact.ledger import ADJUSTMENTS, IMPORTS, MARGINS, TAXES

_WIDTH, _TOP, _BAR = 1120.0, 56.0, 14.0
_LEFT, _RIGHT = 170.0, 320.0
_EDGE = 10.0  # left free of words at the sides
_LEFT_OF_TWO = 300.0  # purchases stand at the left, with longer names
_CENTRE = 0.36  # of the way from the first bars to the last: names stand at the right of a bar
_TALL, _SLOT, _GAP, _PART = 430.0, 42.0, 8.0, 17.0
_SHOWN = 7
OTHER = "other"
_PLACES = ("#6a1b3d", "#b5597d", "#d79ab2")
_ENDS: Mapping[str, str] = {
    IMPORTS: "#2f6690", TAXES: "#8d8a83", MARGINS: "#b98b2f", ADJUSTMENTS: "#5f5a50",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A band between two columns, ``end`` being the row of the ledger it goes to."""

    start: str
    to: str
    end: str
    value_eur: float


@dataclass(frozen=True, slots=True)
class Node:
    """A bar: its column, place and size in the drawing; ``value_eur`` holds what is below zero."""

    name: str
    column: int
    top: float
    height: float
    value_eur: float

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.top + self.height / 2


def sankey(
    flows: Sequence[Flow],
    labels: Mapping[str, str],
    title: str,
    parts: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """Return the Sankey as one SVG element.

    Parameters
    ----------
    flows
        Of :func:`nexpo.build.impact.flows.flows_of`.
    labels
        Name of each sector by its code.
    title
        Of the plan.
    parts
        EUR of the parts of an end, such as the provinces of a region.
    """
    parts = parts or {}
    drawn = [flow for flow in merged(flows) if flow.value_eur > 0]
    total = sum(flow.value_eur for flow in flows)
    scale = _TALL / sum(flow.value_eur for flow in drawn)
    nodes = {
        node.name: replace(node, value_eur=_net(flows, drawn, node.name))
        for column in _placed(_columns(drawn), scale, parts)
        for node in column
    }
    last = max(node.column for node in nodes.values())
    bottom = max(node.top + node.height for node in nodes.values()) + 30
    names = {flow.product: _label(flow.product, labels) for flow in drawn}
    below = _below(flows)
    body = "".join(
        [
            text(
                (20, 28),
                fitted(title, _WIDTH - 40, 17, bold=True),
                font_weight="bold",
                font_size="17",
            ),
            *_bands(drawn, nodes, scale, names),
            *_bars(nodes, names, total, last + 1),
            *(
                words
                for name in parts
                if name in nodes
                for words in _segments(nodes[name], parts[name], total, last + 1)
            ),
            *([text((20, bottom), below, fill=SOFT)] if below else []),
        ]
    )
    told = listed(
        f"{_told(node.name, names)} {_share(node, total)}" for node in nodes.values()
        if node.column == last
    )  # fmt: skip
    return drawing("sankey", (_WIDTH, bottom + 20), (f"{title}: where a euro ends", told), body)


def merged(flows: Sequence[Flow], most: int = _SHOWN) -> list[Flow]:
    """Return the flows with all but the largest purchases put together as ``other``."""
    sizes: dict[str, float] = {}
    for flow in flows:
        sizes[flow.product] = sizes.get(flow.product, 0.0) + flow.value_eur
    largest = sorted(sizes, key=lambda name: -sizes[name])
    kept = set(largest if len(largest) <= most + 1 else largest[:most]) | {PAID_TAXES}
    sums: dict[tuple[str, str, str], float] = {}
    for flow in flows:
        product = flow.product if flow.product in kept else OTHER
        key = (flow.phase, product, flow.end)
        sums[key] = sums.get(key, 0.0) + flow.value_eur
    order = {name: place for place, name in enumerate([*largest, OTHER])}
    rows = sorted(sums.items(), key=lambda item: order[item[0][1]])
    return [Flow(*key, value) for key, value in rows]


def _net(flows: Sequence[Flow], drawn: Sequence[Flow], name: str) -> float:
    """Return what goes through a bar, bands below zero included."""
    shown = {flow.product for flow in drawn}
    return sum(
        flow.value_eur
        for flow in flows
        if name in (flow.phase, flow.end, flow.product if flow.product in shown else OTHER)
    )


def _columns(flows: Sequence[Flow]) -> list[dict[str, float]]:
    """Return size by name, column by column; one phase alone needs no column."""
    columns: list[dict[str, float]] = [{}, {}, {}]
    for flow in flows:
        for column, name in zip(columns, (flow.phase, flow.product, flow.end), strict=True):
            column[name] = column.get(name, 0.0) + flow.value_eur
    last = [*(name for name in columns[2] if name not in _ENDS), *_ENDS]
    columns[2] = {name: columns[2][name] for name in last if name in columns[2]}
    return columns if len(columns[0]) > 1 else columns[1:]


def _placed(
    columns: Sequence[Mapping[str, float]], scale: float, parts: Mapping[str, Mapping[str, float]]
) -> Iterator[list[Node]]:
    """Yield the bars of each column, every one with room for its lines of words."""

    def room(name: str, value: float) -> float:
        return max(value * scale, _SLOT + _PART * len(parts.get(name, ())))

    heights = [sum(room(*item) + _GAP for item in column.items()) for column in columns]
    for place, column in enumerate(columns):
        top = _TOP + (max(heights) - heights[place]) / 2
        nodes = []
        for name, value in column.items():
            height = value * scale
            slot = room(name, value)
            nodes.append(Node(name, place, top + (slot - height) / 2, height, value))
            top += slot + _GAP
        yield nodes


def _bands(
    flows: Sequence[Flow], nodes: Mapping[str, Node], scale: float, names: Mapping[str, str]
) -> Iterator[str]:
    columns = 1 + max(node.column for node in nodes.values())
    used_out = dict.fromkeys(nodes, 0.0)
    used_in = dict.fromkeys(nodes, 0.0)
    colours = _colours(nodes)
    for link in _links(flows, nodes):
        start, to = nodes[link.start], nodes[link.to]
        thick = link.value_eur * scale
        x1, x2 = _x(start.column, columns) + _BAR, _x(to.column, columns)
        y1 = start.top + used_out[link.start] + thick / 2
        y2 = to.top + used_in[link.to] + thick / 2
        used_out[link.start] += thick
        used_in[link.to] += thick
        bend = (x1 + x2) / 2
        words = f"{_told(link.start, names)} to {_told(link.to, names)}: {amount(link.value_eur)}"
        yield (
            f'<path d="M{x1:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2:.1f} '
            f'{y2:.1f}" fill="none" stroke="{colours[link.end]}" stroke-width="{thick:.2f}" '
            f'stroke-opacity=".42"><title>{escape(words)}</title></path>\n'
        )


def _links(flows: Sequence[Flow], nodes: Mapping[str, Node]) -> Iterator[Link]:
    """Yield bands in the order of the bars they join, so that few of them cross."""
    place = {name: (node.column, node.top) for name, node in nodes.items()}
    found = []
    for flow in flows:
        found.append(Link(flow.product, flow.end, flow.end, flow.value_eur))
        if flow.phase in nodes:
            found.append(Link(flow.phase, flow.product, flow.end, flow.value_eur))
    yield from sorted(found, key=lambda x: (place[x.start], place[x.to], place[x.end]))


def _bars(
    nodes: Mapping[str, Node], names: Mapping[str, str], total: float, columns: int
) -> Iterator[str]:
    colours = _colours(nodes)
    for name, node in nodes.items():
        x = _x(node.column, columns)
        words, share = _told(name, names), _share(node, total)
        fill = colours.get(name, INK)
        yield box((x, node.top), (_BAR, max(node.height, 1.0)), fill, f"{words}: {share}")
        left = node.column == 0
        at, anchor = (x - 8, "end") if left else (x + _BAR + 8, "start")
        room = _room(node.column, columns, at)
        shown = fitted(words, room, bold=True)
        yield text((at, node.middle - 2), shown, anchor, font_weight="bold")
        yield text((at, node.middle + 15), fitted(share, room, 13), anchor, font_size="13")


def _segments(node: Node, parts: Mapping[str, float], total: float, columns: int) -> Iterator[str]:
    """Yield the parts of an end: cuts across its bar, and a line of words each."""
    x, top = _x(node.column, columns), node.top
    whole = sum(parts.values())
    for number, (name, value) in enumerate(parts.items(), 1):
        top += node.height * value / whole if whole else 0.0
        if number < len(parts):
            yield line((x, top), (x + _BAR, top), "#fff")
        words = f"{in_words(name)}: {amount(value)}, {100 * value / total:.1f} %"
        at = (x + _BAR + 18, node.middle + 15 + _PART * number)
        room = _room(node.column, columns, at[0])
        yield text(at, fitted(words, room, 12.5), font_size="12.5", fill=SOFT)


def _colours(nodes: Mapping[str, Node]) -> dict[str, str]:
    last = max(node.column for node in nodes.values())
    ends = [name for name, node in nodes.items() if node.column == last]
    areas = [name for name in ends if name not in _ENDS]
    shades = {name: _PLACES[min(at, len(_PLACES) - 1)] for at, name in enumerate(areas)}
    return shades | {name: _ENDS[name] for name in ends if name in _ENDS}


def _x(column: int, columns: int) -> float:
    middle = columns > 2  # noqa: PLR2004 - two columns
    left = _LEFT if middle else _LEFT_OF_TWO
    part = _CENTRE if middle and column == 1 else column / (columns - 1)
    return left + part * (_WIDTH - left - _RIGHT - _BAR)


def _room(column: int, columns: int, at: float) -> float:
    """Return how wide words may be that stand beside a bar, up to the edge or the next bar."""
    if column == 0:
        return at - _EDGE
    last = column == columns - 1
    return (_WIDTH if last else _x(column + 1, columns)) - at - _EDGE


def _label(product: str, labels: Mapping[str, str]) -> str:
    words = labels.get(product, "")
    if not words or words == product:
        return product
    words = words.removeprefix("Manufacture of ")
    return f"{product} {words[:1].upper()}{words[1:]}"


def _told(name: str, names: Mapping[str, str]) -> str:
    if name in names:
        return "other purchases" if name == OTHER else names[name]
    return in_words(name)


def _share(node: Node, total: float) -> str:
    return f"{amount(node.value_eur)}, {100 * node.value_eur / total:.1f} %"


def _below(flows: Sequence[Flow]) -> str:
    """Return words on ends that come out below zero."""
    parts = [flow for flow in merged(flows) if flow.value_eur < 0]
    if not parts:
        return ""
    lost = sum(flow.value_eur for flow in parts)
    return f"not drawn: {amount(lost)} below zero ({in_words(parts[0].end)}); see the table"
