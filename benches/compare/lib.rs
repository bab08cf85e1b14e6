//! Comparisons with others: the benchmarks `engines`, `cerbos` and `middleware`, each behind a feature of its name.
