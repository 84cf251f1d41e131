"""docker-compose.yml keeps the rules that one would check by eye: what is limited, closed, kept, waited for."""

import json
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.masking import masked
from sinks.postgresql_url import parse
from tests.conftest import ROOT
from tests.deploy import image
from tests.deploy.compose import MAIN, OWN_KAFKA, ComposeRefuses, Service, ours, resolve
from tests.postgres.server import Server, programs

SERVICES = sorted(yaml.safe_load(MAIN.read_text())["services"])
OURS = sorted(set(SERVICES) - {"kafka", "postgres"})
MEMORY = 123 << 20
PLACES = {
    "APP_IMAGE": "services.sinks.image",
    "FEEDS_FILE": "configs.feeds.file",
    "KAFKA_IMAGE": "services.kafka.image",
    "POSTGRES_IMAGE": "services.postgres.image",
    "SECRETS": "secrets.postgres_password.file",
    "STORYWIRE_KAFKA__MECHANISM": "services.dedup.environment.STORYWIRE_KAFKA__MECHANISM",
    "STORYWIRE_KAFKA__USER": "services.dedup.environment.STORYWIRE_KAFKA__USER",
    "STORYWIRE_LOG": "services.cluster.environment.STORYWIRE_LOG",
    "STORYWIRE_SINKS": "services.sinks.environment.STORYWIRE_SINKS",
    "TORCH_INDEX": "services.embed.build.args.TORCH_INDEX",
    **{f"{name.upper()}_MEMORY": f"services.{name}.mem_limit" for name in SERVICES},
}
"""What each variable sets."""
LOG = ["STORYWIRE_LOG=kafka://broker:9092"]
"""What a Kafka of one's own needs."""
OUTSIDE = {"poller", "single"}
"""Those that fetch feeds."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """With the default of every variable."""
    return resolve(tmp_path_factory.mktemp("project"))


def seconds(duration: str) -> float:
    """Of a duration as Compose writes it: 1m30s."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([hms])", duration))


# --- the file as a whole -------------------------------------------------------------------------------


def test_it_is_valid_by_the_compose_specification(tmp_path: Path) -> None:
    resolved = tmp_path / "resolved.json"
    resolved.write_text(json.dumps(resolve(tmp_path, MAIN, OWN_KAFKA, dotenv=LOG)))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, MAIN, OWN_KAFKA, resolved], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_it_starts_the_whole_service_and_the_single_container_only_when_named(tmp_path: Path) -> None:
    assert set(resolve(tmp_path, profiles=[])["services"]) == set(SERVICES) - {"single"}
    assert set(resolve(tmp_path, profiles=["single"])["services"]) == set(SERVICES)


@pytest.mark.parametrize("variable", sorted(PLACES))
def test_a_variable_changes_what_it_is_for_and_is_documented(tmp_path: Path, variable: str) -> None:
    value = f"{MEMORY >> 20}m" if variable.endswith("_MEMORY") else "/other/value"
    found: Any = resolve(tmp_path, MAIN, OWN_KAFKA, dotenv=[*LOG, f"{variable}={value}"])
    for key in PLACES[variable].split("."):
        found = found[key]
    assert str(MEMORY) == found if variable.endswith("_MEMORY") else value in found
    assert f"`{variable}`" in (ROOT / "docs/deploy.md").read_text()


def test_every_variable_is_tested() -> None:
    used = re.findall(r"\$\{(\w+)", MAIN.read_text() + OWN_KAFKA.read_text())
    assert set(used) - {"COMPOSE_PROJECT_NAME"} == set(PLACES)


def test_a_kafka_of_ones_own_takes_the_place_of_the_other(tmp_path: Path) -> None:
    with pytest.raises(ComposeRefuses, match=r"write STORYWIRE_LOG=kafka://host:port into \.env"):
        resolve(tmp_path, MAIN, OWN_KAFKA)
    project = resolve(tmp_path, MAIN, OWN_KAFKA, dotenv=LOG, profiles=[])
    assert set(project["services"]) == set(SERVICES) - {"kafka", "single"}
    assert all("outside" in service["networks"] for service in ours(project).values())


def test_settings_of_the_dotenv_file_reach_every_container_of_ours(tmp_path: Path) -> None:
    project = resolve(tmp_path, dotenv=["STORYWIRE_LOG_FORMAT=json"])
    assert all(service["environment"]["STORYWIRE_LOG_FORMAT"] == "json" for service in ours(project).values())


# --- every service -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_limited_and_closed(project: dict[str, Any], name: str) -> None:
    service = project["services"][name]
    assert int(service["mem_limit"]) >= 256 << 20
    assert service["restart"] == "unless-stopped"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"ports", "privileged", "network_mode", "devices", "pid", "ipc"} & set(service)
    assert seconds(service["stop_grace_period"]) > 10
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_an_environment(project: dict[str, Any], name: str) -> None:
    service = project["services"][name]
    mounted = [f"/run/secrets/{secret['source']}" for secret in service.get("secrets", ())]
    for variable, value in service["environment"].items():
        assert "PASSWORD" not in variable or value in mounted, variable
        for url in re.findall(r'\w+://[^"]+', value):
            assert masked(url) == url
            assert "password_file" not in url or url.partition("password_file=")[2] in mounted


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_can_be_healthy(project: dict[str, Any], name: str) -> None:
    waits = project["services"][name].get("depends_on", {})
    assert name in ("kafka", "postgres", "single") or "kafka" in waits
    for other, how in waits.items():
        assert how["condition"] == "service_healthy"
        check = project["services"][other]["healthcheck"]
        # Often while it starts, so that nobody waits in vain; then seldom, since a check costs a second of work.
        assert seconds(check["start_interval"]) < 10 < seconds(check["interval"])
        assert seconds(check["timeout"]) < seconds(check["start_period"])


def test_nothing_waits_in_a_circle(project: dict[str, Any]) -> None:
    graph = {name: set(service.get("depends_on", {})) for name, service in project["services"].items()}
    assert set(TopologicalSorter(graph).static_order()) == set(SERVICES)


def test_only_what_fetches_feeds_reaches_the_world(project: dict[str, Any]) -> None:
    assert project["networks"]["inside"]["internal"] is True
    networks = {name: set(service["networks"]) for name, service in project["services"].items()}
    assert {name for name, names in networks.items() if names - {"inside"}} == OUTSIDE


def test_what_must_be_kept_is_in_named_volumes(project: dict[str, Any]) -> None:
    def kept(service: Service) -> dict[str, str]:
        return {v["source"]: v["target"] for v in service.get("volumes", ()) if v["type"] == "volume"}

    assert {name: kept(service) for name, service in project["services"].items() if kept(service)} == {
        "kafka": {"kafka": project["services"]["kafka"]["environment"]["KAFKA_LOG_DIRS"]},
        "postgres": {"postgres": "/var/lib/postgresql"},
        "sinks": {"sinks": "/data"},
        "single": {"single": "/data"},
    }
    assert set(project["volumes"]) == {"kafka", "postgres", "sinks", "single"}


def test_images_of_others_are_pinned(project: dict[str, Any]) -> None:
    for name in ("kafka", "postgres"):
        assert re.search(r":\d+\S*$", project["services"][name]["image"])


# --- ours ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_a_signal_reaches_our_process_and_its_instance_has_a_name(project: dict[str, Any], name: str) -> None:
    service = project["services"][name]
    assert service["init"] is True
    assert service["command"] == (["run"] if name == "single" else ["run", name])
    assert "entrypoint" not in service or service["entrypoint"] is None
    # Compose refuses to start a second container of a given name: two instances of one name end one another.
    assert service["container_name"] == f"storywire-{name}"


def test_the_place_for_passing_files_has_room(project: dict[str, Any]) -> None:
    """py3langid unpacks its model there."""
    for service in ours(project).values():
        (size,) = [re.fullmatch(r"/tmp:size=(\d+)m", each) for each in service["tmpfs"]]
        assert size and int(size[1]) >= 100


def test_stores_are_where_volumes_are(project: dict[str, Any]) -> None:
    home = image.only("WORKDIR").arguments
    for name in ("sinks", "single"):
        service = project["services"][name]
        assert service["environment"]["STORYWIRE_DATA_DIR"] == home
        stores = [
            service["environment"].get("STORYWIRE_LOG", ""),
            *json.loads(service["environment"]["STORYWIRE_SINKS"]),
        ]
        for url in stores:
            assert not url.startswith(("sqlite:", "jsonl:")) or f"{home}/" in url


# --- the servers ---------------------------------------------------------------------------------------


def test_the_broker_makes_no_topic_by_itself_and_its_controller_listens_to_nobody_else(
    project: dict[str, Any],
) -> None:
    environment = project["services"]["kafka"]["environment"]
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert environment["KAFKA_LISTENERS"] == "PLAINTEXT://:9092,CONTROLLER://localhost:9093"


def test_the_database_is_the_one_that_the_sink_writes_to(project: dict[str, Any]) -> None:
    server, sinks = project["services"]["postgres"], project["services"]["sinks"]
    url = parse(json.loads(sinks["environment"]["STORYWIRE_SINKS"])[1])
    given = server["environment"]
    assert url.given == {
        "host": "postgres",
        "port": "5432",
        "user": given["POSTGRES_USER"],
        "dbname": given["POSTGRES_DB"],
    }
    assert str(url.password_file) == given["POSTGRES_PASSWORD_FILE"]


def test_the_health_check_of_postgresql_tells_up_from_down(project: dict[str, Any], own_postgres: Server) -> None:
    kind, program, *arguments = project["services"]["postgres"]["healthcheck"]["test"]
    assert kind == "CMD"
    command = [programs() / program, *arguments, f"--port={own_postgres.port}"]
    assert subprocess.run(command).returncode == 0
    own_postgres.stop()
    assert subprocess.run(command).returncode != 0
