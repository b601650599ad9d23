"""The OpenLineage transport that puts events into the spool.

It is named by its import path in OpenLineage's own configuration, so that Airflow's provider, dbt-ol and this project
use it unchanged::

    OPENLINEAGE__TRANSPORT__TYPE=dbt_lineage.spool.transport.SpoolTransport
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from dbt_lineage.spool.aside import Aside
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.spool import Spool, Waiting, entry
from dbt_lineage.spool.switch import Switch


@dataclass
class SpoolConfig(Config):
    """Where the spool is and how much it may hold; the settings ``SPOOL_DIR`` and ``SPOOL_MAX_BYTES`` by default.

    Args:
        dir: its folder.
        max_bytes: how much it may hold, bytes.
    """

    dir: Path
    max_bytes: int

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> "SpoolConfig":
        """Read the transport's configuration.

        Args:
            params: ``dir`` and ``max_bytes``, both optional, and ``type``, which OpenLineage leaves there.

        Raises:
            SettingsError: a key is unknown or a value is not allowed; the message names it.
        """
        from pydantic import ValidationError

        from dbt_lineage.core import settings

        unknown = sorted(params.keys() - {"type", "dir", "max_bytes"})
        if unknown:
            raise settings.SettingsError(
                f"OpenLineage transport spool: unknown {', '.join(unknown)}; it has dir and max_bytes"
            )
        given = {name: params[name] for name in ("dir", "max_bytes") if name in params}
        try:
            spool = settings.SpoolSettings(**given) if given else settings.spool()
        except ValidationError as error:
            problems = "; ".join(f"{each['loc'][0]}={each['input']}: {each['msg']}" for each in error.errors())
            raise settings.SettingsError(f"OpenLineage transport spool: {problems}") from None
        return cls(dir=spool.dir, max_bytes=spool.max_bytes)


class SpoolTransport(Transport):
    """Puts each event on the local disk. Never touches the network.

    While the lineage is switched off, events are kept aside instead, where no relay looks for them.

    Args:
        config: where to.
    """

    kind = "spool"
    config_class = SpoolConfig

    def __init__(self, config: SpoolConfig) -> None:
        self.config = config
        self._spool = Spool(config.dir, config.max_bytes)
        self._switch = Switch(config.dir)
        self._gathered: list[Waiting] | None = None

    def emit(self, event: Any) -> str:
        """Make an event durable. While the lineage is off, keep it aside: then no failure is an error.

        Args:
            event: an event of OpenLineage's client.

        Returns:
            The event's id.

        Raises:
            SpoolFull: the spool may hold no more.
            SpoolError: the disk refused.
        """
        body = Serde.to_json(event).encode()
        off = self._switch.off()
        if off is not None:
            return self._aside.keep(body) if off.keeps else event_id(body)
        if self._gathered is None:
            return self._spool.put(body)
        self._gathered.append(entry(body))
        return self._gathered[-1].event_id

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make all events that are emitted inside durable at the end, with one write to disk.

        Raises:
            SpoolFull, SpoolError: as ``emit`` does; nothing of it is in the spool then.
        """
        self._gathered = []
        try:
            yield
            if self._gathered:
                self._spool.put_all(self._gathered)
        finally:
            self._gathered = None

    def wait_for_completion(self, timeout: float = -1) -> bool:
        """True: an event is on disk when ``emit`` returns."""
        return True

    def close(self, timeout: float = -1) -> bool:
        """Close the file. True: there is nothing to wait for."""
        self._spool.close()
        self._aside.close()
        return True

    @cached_property
    def _aside(self) -> Aside:
        from dbt_lineage.core import settings

        return Aside(self.config.dir, settings.spool().aside_max_bytes)
