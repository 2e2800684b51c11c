"""Models of pairs: exported ones, rules, and, where torch is installed, networks."""
