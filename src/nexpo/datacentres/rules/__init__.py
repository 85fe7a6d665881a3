"""Rule packs: dated law and policy, evaluated for a day; conflicts are listed, not resolved."""
