"""Data centres: where one may stand, what it must report, what it gives back.

A register that keeps unknown apart from zero, indicators by the definition in force, aggregates
that give no centre away, dated rule packs that may disagree, and siting over a whole region.
"""
