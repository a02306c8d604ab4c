"""Collectors: how facts are got."""
