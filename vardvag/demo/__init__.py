"""The one seeded generator: the demo region, the tests' world and the large benchmark data."""
