"""Accounts and everything between people. See README.md in this folder."""
