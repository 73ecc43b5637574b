"""The type of what a JSON text holds; a target may send any."""

from typing import Any

JsonValue = Any
