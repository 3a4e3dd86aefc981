"""Measures of discourse: who stands where, who changed, who is quoted, who agrees with whom.

Pure functions over tallies of statements. Sums are those of Discourse Network Analyzer; the tests hold
the figures that its manual prints.
"""
