"""Where files and databases meet the domain: reports, facilities, rule packs, layers."""
