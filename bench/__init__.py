"""Measures, no tests: how fast training runs beside a plain PyTorch loop and beside the compute limit.

Run from the repository root (see README.md here). Nothing in ``src/`` may import this package.
"""
