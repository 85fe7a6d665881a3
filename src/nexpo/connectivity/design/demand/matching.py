"""Finding a street by the name that a list gives it, with a score from 0 to 1.

Names are folded (case, accents, punctuation), abbreviations written out, numbers in words and
Roman figures made digits. What stands before the name (via, piazza, località) is compared
apart. The rest is compared word by word in any order: a word counts by how rare it is among
the streets, words like *della* and titles like *don* count little, an initial counts as its
word, one misspelt letter is forgiven. The score is

    0.75 * share of the shorter name found + 0.25 * share of both names found, less a
    penalty where the words before the name differ

so that VIA MAZZINI finds Via Giuseppe Mazzini, below an exact name. Where only figures, titles or
initials agree (IV Novembre, Via Quarto), the share of both counts alone. A letter that a list lost
(the replacement character) stands for any one letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from math import log
from typing import Any

from nexpo.core.problem import Kind, Problem, Where

_LOST = "\ufffd"
_ANY = "\x00"
_INITIAL = 0.9
_SPELLING = 0.84
_LEAST_LETTERS = 4
_SHORTER, _BOTH = 0.75, 0.25
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(ix|iv|v?i{0,3})")
_MARKS = re.compile(rf"[^a-z0-9{_ANY}]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of street names and the weights of the score.

    Attributes
    ----------
    threshold
        Below it a name counts as not found.
    near_type, far_type
        What the score loses where types differ within a group, or between groups.
    weak_weight, title_weight
        Weights of weak words and of titles; any other word has 0.3 to 1.
    types
        Type to its group; after another type, one of the group ``place`` is the type.
    abbreviations
        Sequence of words to the words it stands for.
    numbers
        Word to the figure it stands for.
    """

    threshold: float
    near_type: float
    far_type: float
    weak_weight: float
    title_weight: float
    types: Mapping[str, str]
    weak: frozenset[str]
    titles: frozenset[str]
    abbreviations: Mapping[tuple[str, ...], tuple[str, ...]]
    numbers: Mapping[str, str]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Wording:
        """Read the value of the parameter ``design/address-matching``.

        Raises
        ------
        Problem
            ``CONFIG`` when a key is missing or the threshold is no share.
        """
        try:
            made = cls(
                threshold=float(value["threshold"]),
                near_type=float(value["near_type"]),
                far_type=float(value["far_type"]),
                weak_weight=float(value["weak_weight"]),
                title_weight=float(value["title_weight"]),
                types={word: group for group, words in value["types"].items() for word in words},
                weak=frozenset(value["weak"]),
                titles=frozenset(value["titles"]),
                abbreviations={
                    tuple(str(short).split()): tuple(str(long).split())
                    for short, long in value["abbreviations"].items()
                },
                numbers={str(word): str(figure) for word, figure in value["numbers"].items()},
            )
        except KeyError as error:
            raise _config(
                f"the table of wording lacks {error.args[0]}", str(error.args[0])
            ) from None
        if not 0 < made.threshold <= 1:
            raise _config("the threshold is no share above 0", "threshold")
        return made


@dataclass(frozen=True, slots=True)
class Words:
    """A street name taken apart: the type before it, and its words."""

    type: str
    words: tuple[str, ...]

    @property
    def key(self) -> str:
        """One text for equal names."""
        return " ".join((self.type, *self.words))


@dataclass(frozen=True, slots=True)
class Found:
    """The street of a name: its position among the streets' names, and how well it fits.

    ``name`` is -1 where no street reaches the threshold; ``score`` and ``nearest`` then tell
    of the best that was seen. ``tied`` says that another street fitted as well.
    """

    asked: str
    name: int
    nearest: str
    score: float
    tied: bool = False


def words_of(name: str, wording: Wording) -> Words:
    """Take a street name apart.

    Examples
    --------
    >>> wording = example_wording()
    >>> words_of("P.ZZA G.MAZZINI", wording)
    Words(type='piazza', words=('g', 'mazzini'))
    >>> words_of("Via venticinque Aprile", wording) == words_of("VIA XXV APRILE", wording)
    True
    """
    tokens = _abbreviated(_tokens(name), wording)
    if len(tokens) > 2 and tokens[0] in wording.types:  # noqa: PLR2004 - VIA LOCALITA' ASINARA
        tokens = tokens[wording.types.get(tokens[1]) == "place" :]
    kind = tokens[0] if len(tokens) > 1 and tokens[0] in wording.types else ""
    rest = tokens[1:] if kind else tokens
    return Words(kind, tuple(_figure(token, wording) for token in rest))


def _tokens(name: str) -> list[str]:
    """Fold a name and split it; a lost letter stays as a mark, an accent after it goes."""
    text = re.sub(rf"[a-z]?'{_LOST}", _ANY, name.casefold()).replace(_LOST, _ANY)
    letters = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _MARKS.sub(" ", plain).split()


def _abbreviated(tokens: list[str], wording: Wording) -> list[str]:
    """Write abbreviations out; those of a type only where a name begins."""
    longest = max(map(len, wording.abbreviations), default=0)
    out: list[str] = []
    at = 0
    while at < len(tokens):
        for size in range(min(longest, len(tokens) - at), 0, -1):
            long = wording.abbreviations.get(tuple(tokens[at : at + size]))
            if long and (long[0] not in wording.types or not out):
                out.extend(long)
                at += size
                break
        else:
            out.append(tokens[at])
            at += 1
    return out


def _figure(token: str, wording: Wording) -> str:
    if token in wording.numbers:
        return wording.numbers[token]
    if len(token) > 1 and _ROMAN.fullmatch(token):
        return str(_roman(token))
    return token


def _roman(token: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10}[letter] for letter in token]
    return sum(
        -value if value < max(values[place + 1 :], default=0) else value
        for place, value in enumerate(values)
    )


class StreetIndex:
    """The names of a network's streets, ready to be asked.

    Names that fold to the same words are one street (*Via don Giovanni Piatti*, *Via Don
    Giovanni Piatti*).

    Examples
    --------
    >>> index = StreetIndex(["Via Giuseppe Mazzini", "Piazza Mazzini"], example_wording())
    >>> found = index.find("VIA G. MAZZINI")
    >>> found.nearest, round(found.score, 2)
    ('Via Giuseppe Mazzini', 0.94)
    >>> index.find("LOC. PIANI D'ERNA").name
    -1
    """

    def __init__(self, names: Sequence[str], wording: Wording) -> None:
        self._wording = wording
        self._names = tuple(names)
        self._first: dict[str, int] = {}
        self._same: dict[int, list[int]] = defaultdict(list)
        self._words: dict[int, Words] = {}
        for place, name in enumerate(names):
            words = words_of(name, wording)
            first = self._first.setdefault(words.key, place)
            self._same[first].append(place)
            self._words[first] = words
        self._by_word: dict[str, set[int]] = defaultdict(set)
        for place, words in self._words.items():
            for word in words.words:
                self._by_word[word].add(place)
        self._weight = _weights(self._words.values(), wording)

    def same(self, name: int) -> tuple[int, ...]:
        """Return the positions of all names that are one street with a found one."""
        return tuple(self._same[name])

    def find(self, name: str) -> Found:
        """Return the street that a name means."""
        words = words_of(name, self._wording)
        exact = self._first.get(words.key)
        if exact is not None:
            return Found(name, exact, self._names[exact], 1.0)
        ranked = sorted(
            ((self._score(words, self._words[place]), -place) for place in self._candidates(words)),
            reverse=True,
        )
        if not ranked:
            return Found(name, -1, "", 0.0)
        score, place = ranked[0][0], -ranked[0][1]
        tied = len(ranked) > 1 and ranked[1][0] >= score - 1e-9
        known = place if score >= self._wording.threshold else -1
        return Found(name, known, self._names[place], score, tied)

    def _candidates(self, words: Words) -> set[int]:
        """Return the streets that share a word that tells something, or one near to it."""
        places: set[int] = set()
        for word in words.words:
            if word in self._wording.weak:
                continue
            places |= self._by_word.get(word, set())
            for other in self._by_word:
                if len(other) > 1 and len(word) > 1 and _likeness(word, other) > 0:
                    places |= self._by_word[other]
        return places

    def _score(self, asked: Words, street: Words) -> float:
        """Return the score of a pair, as the head of this module states it."""
        pairs = _best_pairs(asked.words, street.words)
        mine = [self._weigh(word) for word in asked.words]
        theirs = [self._weigh(word) for word in street.words]
        found_mine = sum(mine[a] * like for a, _, like in pairs)
        found_theirs = sum(theirs[b] * like for _, b, like in pairs)
        total_mine, total_theirs = sum(mine), sum(theirs)
        if not total_mine or not total_theirs:
            return 0.0
        both = (found_mine + found_theirs) / (total_mine + total_theirs)
        telling = any(self._tells(asked.words[a]) for a, _, _ in pairs)
        shorter = max(found_mine / total_mine, found_theirs / total_theirs) if telling else both
        return max(0.0, _SHORTER * shorter + _BOTH * both - self._type_loss(asked, street))

    def _tells(self, word: str) -> bool:
        """Say whether a word alone may tell a street: no figure, title, initial or weak word."""
        known = self._wording.weak | self._wording.titles
        return len(word) > 1 and not word.isdigit() and word not in known

    def _weigh(self, word: str) -> float:
        if word in self._wording.weak:
            return self._wording.weak_weight
        if word in self._wording.titles:
            return self._wording.title_weight
        return self._weight.get(word, 1.0)

    def _type_loss(self, asked: Words, street: Words) -> float:
        if asked.type == street.type:
            return 0.0
        groups = self._wording.types
        near = groups.get(asked.type) == groups.get(street.type)
        return self._wording.near_type if near else self._wording.far_type


def _weights(names: Iterable[Words], wording: Wording) -> dict[str, float]:
    """Return 0.3 to 1 for each word: 1 for one in a single street, less the more streets have it.

    A first name stands in many streets and tells little; a surname stands in one.
    """
    count = Counter(word for words in names for word in set(words.words) - wording.weak)
    most = log(1 + max(count.values(), default=1))
    return {word: max(0.3, 1 - 0.7 * log(n) / most) for word, n in count.items()}


def _best_pairs(mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, float]]:
    """Pair words one to one, the likest first."""
    pairs = sorted(
        (
            (_likeness(a, b), -place, -other)
            for place, a in enumerate(mine)
            for other, b in enumerate(theirs)
        ),
        reverse=True,
    )
    used_mine: set[int] = set()
    used_theirs: set[int] = set()
    out = []
    for like, place, other in pairs:
        if like > 0 and -place not in used_mine and -other not in used_theirs:
            used_mine.add(-place)
            used_theirs.add(-other)
            out.append((-place, -other, like))
    return out


@lru_cache(maxsize=200_000)
def _likeness(one: str, other: str) -> float:
    """Return 1 for equal words, 0.9 for an initial, the ratio for near spellings, else 0."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    if _ANY in one or _ANY in other:
        return _with_lost(one, other)
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else 0.0
    return _spelling(one, other)


def _spelling(one: str, other: str) -> float:
    """Return how alike two words are spelt, 0 below what one slip explains."""
    short, long = sorted((len(one), len(other)))
    if short < _LEAST_LETTERS or long > short + 2 or one[0] != other[0]:
        return 0.0
    ratio = SequenceMatcher(None, min(one, other), max(one, other)).ratio()
    return ratio if ratio >= _SPELLING else 0.0


def _with_lost(one: str, other: str) -> float:
    """Return 1 where two words are equal but for lost letters (the word's own mark, or one)."""
    masked, plain = (one, other) if _ANY in one else (other, one)
    pattern = "".join("." if letter == _ANY else re.escape(letter) for letter in masked)
    return 1.0 if re.fullmatch(pattern, plain) else 0.0


def example_wording() -> Wording:
    """Return a small table of wording, for examples."""
    return Wording.of(
        {
            "threshold": 0.8,
            "near_type": 0.08,
            "far_type": 0.15,
            "weak_weight": 0.1,
            "title_weight": 0.3,
            "types": {"road": ["via", "viale"], "square": ["piazza"], "place": ["localita"]},
            "weak": ["di", "d", "della"],
            "titles": ["don"],
            "abbreviations": {"p zza": "piazza", "loc": "localita"},
            "numbers": {"venticinque": 25},
        }
    )


def _config(detail: str, key: str) -> Problem:
    return Problem(
        Kind.CONFIG,
        detail,
        where=Where("design/address-matching", column=key),
        remedy="take the file that comes with Nexpo as a pattern",
    )
