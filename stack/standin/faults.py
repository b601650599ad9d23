"""Faults on demand: the next requests that match fail."""

import re
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from .errors import CatalogueError


class Fault(BaseModel):
    """One fault; exactly one of `status`, `delay` and `drop` is given.

    Attributes:
        method: HTTP method that it meets.
        path: Regular expression found anywhere in the request's path (from /api on, decoded).
        status: Answer with this HTTP status.
        delay: Wait so many seconds, then go on.
        drop: Close the connection without an answer.
        times: How many requests it meets before it is gone.
        applied: For `status` and `drop`: whether the request takes effect before it fails.
    """

    model_config = ConfigDict(extra="forbid")

    method: str
    path: str
    status: int | None = Field(default=None, ge=400, le=599)
    delay: float | None = Field(default=None, gt=0)
    drop: bool = False
    times: int = Field(default=1, ge=1)
    applied: bool = False

    @field_validator("path")
    @classmethod
    def _is_a_pattern(cls, path: str) -> str:
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(str(error)) from error
        return path

    @model_validator(mode="after")
    def _has_one_effect(self) -> Self:
        if (self.status is not None) + (self.delay is not None) + self.drop != 1:
            raise ValueError("give exactly one of status, delay and drop")
        return self


class Faults:
    """The faults that wait for their requests. They live in memory: a restart forgets them."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, document: Any) -> Fault:
        """Let the next matching requests fail.

        Args:
            document: A fault as JSON.

        Raises:
            CatalogueError: 400, the document is no fault.
        """
        try:
            fault = Fault.model_validate(document)
        except ValidationError as error:
            raise CatalogueError(400, str(error)) from error
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The oldest fault that meets this request, which counts as one of its times."""
        for fault in self._faults:
            if fault.method.upper() == method and re.search(fault.path, path):
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault
        return None
