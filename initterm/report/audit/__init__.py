"""Audits as words, tables, JSON, SARIF and JUnit's XML."""
