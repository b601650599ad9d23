"""Check requests and responses with the models of `metadata.generated`.

The models only check; what is stored and sent is the plain JSON, because the client's models rename entities with
special characters and mask secrets when they are dumped.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.generated.schema.type.paging import Paging
from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse, Response

from .errors import CatalogueError, InvalidAnswerError
from .faults import Faults
from .options import Options
from .store import Document, Store


@dataclass(frozen=True)
class Call:
    """One request, as a handler sees it.

    Attributes:
        store: The catalogue's state; a transaction is open.
        path: Parameters of the route.
        query: Parameters after the question mark; the last value of each.
        headers: Request headers, case-insensitive.
        body: The raw body.
        faults: The faults on demand.
        requests: The latest requests, oldest first.
        options: How the stand-in behaves.
        graphs: Graphs around entities that were answered lately, with the time of the answer.
    """

    store: Store
    path: Mapping[str, Any]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    faults: Faults
    requests: deque[Document]
    options: Options
    graphs: dict[Any, tuple[float, Document]]

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            CatalogueError: 400, the body is not JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise CatalogueError(400, f"the body is not JSON: {error}") from error

    def read(self, model: type[BaseModel]) -> Document:
        """The body as JSON, once the model has accepted it.

        Args:
            model: The request's model.

        Raises:
            CatalogueError: 400, the body is not JSON, or the model refuses it.
        """
        return accepted(model, self.json())

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Act in this transaction, or in one of its own after some seconds."""
        if not seconds:
            act()
            return

        def later() -> None:
            with self.store.transaction():
                act()

        asyncio.get_running_loop().call_later(seconds, later)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from the query.

        Raises:
            CatalogueError: 400, it is no whole number from `low` to `high`.
        """
        text = self.query.get(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            raise CatalogueError(400, f"query param {name} must be between {low} and {high}")
        return int(text)

    def only_parameters(self, *names: str) -> None:
        """Refuse query parameters that the stand-in would otherwise silently not apply.

        Raises:
            CatalogueError: 400, the query has a parameter besides `names`.
        """
        if unknown := sorted(set(self.query) - set(names)):
            raise CatalogueError(400, f"the stand-in does not know the query parameters {unknown}")


Handler = Callable[[Call], Response]


def accepted(model: type[BaseModel], document: Any) -> Document:
    """The document itself, if the model accepts it.

    Nulls are left out, as the server's serializer does.

    Raises:
        CatalogueError: 400, the model refuses the document.
    """
    try:
        model.model_validate(document)
    except ValidationError as error:
        raise CatalogueError(400, f"{model.__name__}: {_reasons(error)}") from error
    kept: Document = without_nulls(document)
    return kept


def checked(model: type[BaseModel], document: Document) -> Document:
    """The document itself, sure to be readable by the client.

    Raises:
        InvalidAnswerError: The model refuses the document.
    """
    try:
        model.model_validate(document)
    except ValidationError as error:
        raise InvalidAnswerError(f"{model.__name__}: {_reasons(error)}") from error
    return document


def answer(model: type[BaseModel], document: Document, status: int = 200) -> Response:
    """An answer with one document.

    Raises:
        InvalidAnswerError: The model refuses the document.
    """
    return JSONResponse(checked(model, document), status)


def listing(model: type[BaseModel], documents: Iterable[Document], paging: Document) -> Response:
    """An answer with a page of documents.

    Raises:
        InvalidAnswerError: A model refuses a document or the paging.
    """
    data = [checked(model, document) for document in documents]
    return JSONResponse({"data": data, "paging": checked(Paging, paging)})


def without_nulls(value: Any) -> Any:
    """The JSON value without object members that are null."""
    if isinstance(value, dict):
        return {key: without_nulls(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(member) for member in value]
    return value


def _reasons(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5])
