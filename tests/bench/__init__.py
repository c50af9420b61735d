"""Benchmarks: run by hand, apart from the tests; ratios in one run, since machines differ."""
