"""Where files meet the domain: plans and satellites in declared layouts."""
