"""Numbers of the policy file that are counted with: money, and what multiplies it. None of them is ever a float."""

import math
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError


def _number(value: object) -> Decimal:
    """A number of YAML as the digits that were written, as far as a float keeps them."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PydanticCustomError("number_type", "Input should be a number")
    if not math.isfinite(value):
        raise ValueError("should be a finite number")
    return Decimal(repr(value))


# No price comes near these; what is larger would be a slip, and too long for exact arithmetic.
type Price = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=1_000_000)]
type Factor = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=1000)]
type Money = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=1_000_000_000)]
