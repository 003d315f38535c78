"""Tests of the embedded engines, on the engines themselves. They need no Django database."""
