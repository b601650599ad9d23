"""The broker of docker-compose.yml, prepared by the very class that the official image prepares it with."""

import os
import re
import subprocess
from pathlib import Path

from stack.kafka import KAFKA
from tests.compose_model import MAIN, load, secrets_of_make


def test_the_image_s_own_setup_takes_what_compose_gives(tmp_path: Path) -> None:
    KAFKA.install()
    given = load((MAIN,), ("lineage",), secrets_of_make(tmp_path)).environment("kafka")
    data = tmp_path / "data"
    folders = {name: tmp_path / name for name in ("default", "mounted", "final")}
    for folder in folders.values():
        folder.mkdir()
    options = [word for name, folder in folders.items() for word in (f"--{name}-configs-dir", str(folder))]
    done = subprocess.run(
        [*KAFKA.java(), "kafka.docker.KafkaDockerWrapper", "setup", *options],
        env={"PATH": os.environ["PATH"], **given, "KAFKA_LOG_DIRS": str(data)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert f"cluster.id={given['CLUSTER_ID']}" in (data / "meta.properties").read_text()
    written = (folders["final"] / "server.properties").read_text()
    for name in ("advertised.listeners", "listeners", "process.roles", "auto.create.topics.enable"):
        value = given["KAFKA_" + name.upper().replace(".", "_")]
        assert re.search(f"^{re.escape(name)}={re.escape(value)}$", written, re.MULTILINE)
