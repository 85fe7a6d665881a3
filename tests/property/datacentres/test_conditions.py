"""Unknown facts: what is decided without them holds whatever they are."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.core.tables import Column
from nexpo.datacentres.rules.conditions import parse

NAMES = ("a", "b", "c")
SCHEMA = {n: Column(n, "boolean", "", False, None, (), "", "") for n in NAMES}

CONDITIONS = st.recursive(
    st.sampled_from([*NAMES, "true", "false"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({' '.join(t)})"),
        inner.map(lambda text: f"(not {text})"),
    ),
    max_leaves=8,
)
FACTS = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES})


@settings(max_examples=50, deadline=None)
@given(CONDITIONS, FACTS)
def test_an_answer_given_without_a_fact_holds_whatever_the_fact_is(
    text: str, facts: dict[str, bool | None]
) -> None:
    found = parse(text, SCHEMA).holds(facts)
    open_ = [name for name in NAMES if facts[name] is None]
    outcomes = set()
    for values in product([True, False], repeat=len(open_)):
        whole = {k: v for k, v in facts.items() if v is not None}
        whole |= dict(zip(open_, values, strict=True))
        outcomes.add(bool(eval(text.replace("true", "True").replace("false", "False"), {}, whole)))
    if found is not None:
        assert outcomes == {found}
    if not open_:
        assert found is not None
