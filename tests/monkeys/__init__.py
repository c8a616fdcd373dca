"""Monkeys: programs that try to break initterm with random input, and say by which input they did."""
