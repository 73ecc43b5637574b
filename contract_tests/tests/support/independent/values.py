"""Reads the numbers and the booleans of a query."""

import re

from multidict import MultiMapping

from tests.support.independent.api_http import ApiError
from tests.support.independent.rules import Rules

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
MOST = 1e12


class Values:
    """The parameters of one query."""

    def __init__(self, query: MultiMapping[str], rules: Rules) -> None:
        self.query, self.rules = query, rules

    def number(self, name: str, *, least: float) -> float | None:
        """Return a number that is not below `least`; None when it is not there."""
        text = self.query.get(name)
        if text is None:
            return None
        if not NUMBER.fullmatch(text) and self.rules.odd_numbers_are_ignored:
            return None
        if not NUMBER.fullmatch(text) or (self.rules.whole_numbers_only and not text.isdigit()):
            raise ApiError(400, "invalid-value", f"{name} must be a number")
        if name in self.rules.decimals_refused_for and not text.isdigit():
            raise ApiError(400, "invalid-value", f"{name} must be a whole number")
        value = float(text)
        if self.rules.odd_numbers_are_ignored:
            value = min(max(value, least), MOST)
        if not least <= value <= MOST:
            raise ApiError(400, "invalid-value", f"{name} must be from {least} to {MOST}")
        return value

    def boolean(self, name: str) -> bool | None:
        """Return a boolean; None when it is not there."""
        text = self.query.get(name)
        if text is None:
            return None
        if name in self.rules.present_is_true:
            return True
        words = {"true": True, "false": False, "1": True, "0": False}
        if self.rules.only_words_as_booleans:
            words = {"true": True, "false": False}
        if text.lower() not in words and self.rules.odd_booleans_are_true:
            return True
        if text.lower() not in words:
            raise ApiError(400, "invalid-value", f"{name} must be true or false")
        return words[text.lower()]
