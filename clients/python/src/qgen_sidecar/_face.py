"""What a client shows of its sidecar besides calls: the handshake's answer, Qdrant clients."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ._core import Core
from .errors import SidecarError

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient, QdrantClient

    from .types import Door, InitializeResult, Store


class Face:
    _core: Core

    @property
    def info(self) -> InitializeResult:
        """What `initialize` answered: versions, limits, files, store, dispatcher."""
        return self._core.told()

    @property
    def store(self) -> Store | None:
        """The store as it was at the start; None without one."""
        return self._core.store()

    @property
    def dispatcher(self) -> Door | None:
        """The OpenAI-compatible door {base_url, api_key}; None unless `[dispatcher] listen`."""
        return self._core.door()

    @property
    def pid(self) -> int | None:
        """The process, None before the start."""
        connection = self._core.connection
        return None if connection is None else connection.process.pid

    def qdrant(self, **options: Any) -> QdrantClient:
        """A qdrant-client on the shared folder (`[store] share`), or on the server.

        `options` go to QdrantClient. Safe inside hooks.
        """
        try:
            from qdrant_client import QdrantClient
        except ImportError as error:
            raise SidecarError(_NO_QDRANT) from error
        return _quietly(QdrantClient, self._core.qdrant_arguments(options))

    def async_qdrant(self, **options: Any) -> AsyncQdrantClient:
        """As `qdrant()`, asynchronous."""
        try:
            from qdrant_client import AsyncQdrantClient
        except ImportError as error:
            raise SidecarError(_NO_QDRANT) from error
        return _quietly(AsyncQdrantClient, self._core.qdrant_arguments(options))


_Client = TypeVar("_Client")


def _quietly(client: Callable[..., _Client], arguments: dict[str, Any]) -> _Client:
    """Make the client without its warning that a key goes over a connection without TLS.

    On loopback that is as meant. As a header, in versions that know `headers`, the key
    raises no warning; hiding warnings is the second choice, as it is not thread-safe.
    """
    key = arguments.pop("api_key", None)
    if key is not None and "headers" in inspect.signature(client).parameters:
        return client(**{**arguments, "headers": {"api-key": key, **arguments.get("headers", {})}})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return client(**arguments, api_key=key)


_NO_QDRANT = "qdrant-client is not installed: pip install 'qgen-sidecar[qdrant]'"
