"""The parameter sections: the only declaration of each setting, its bounds and its default.

Each section is a small frozen class that is handed to the one part that needs it; nothing reads a settings tree.
The docstring below a field is its documentation: `storywire.yaml` is generated from it (``make config``).
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from config.banding import shortcoming


class Section(BaseModel):
    """Base of all sections: immutable, unknown keys refused, documented by field docstrings."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class TopicsSection(Section):
    """How topics are created."""

    partitions: Annotated[int, Field(ge=1, le=256)] = 4
    """Partitions of every topic. Fixed for the life of a namespace: the language of an article decides its
    partition, so changing this would break the order that replays rely on."""
    retention_days: Annotated[float, Field(gt=0)] = 60
    """How long messages stay on a topic, by the time they were appended. Longer than the windows of dedup and
    cluster, and than the past that one wants to replay. Changelogs are compacted instead, and keep all keys."""


class KafkaSection(Section):
    """How to talk to Kafka, for a log at kafka://…"""

    security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    """The brokers' security protocol: encrypted with ssl, with a user and password with sasl."""
    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    """How the password is proven, with sasl."""
    user: str | None = None
    """Who connects, with sasl."""
    password_file: Path | None = None
    """The file that holds the password, with sasl. A file, because others can see arguments and environments."""
    ca_file: Path | None = None
    """Certificates of the authorities to trust, with ssl (PEM); null: those of the system."""
    cert_file: Path | None = None
    """Our own certificate, with ssl, where the brokers ask for one (PEM)."""
    key_file: Path | None = None
    """The key of cert_file (PEM)."""
    replication: Annotated[int, Field(ge=1, le=9)] | None = None
    """Copies of every topic, when it is created; null: what the brokers take by default."""
    session_seconds: Annotated[float, Field(ge=6, le=300)] = 10
    """A process not heard of for so long loses its partitions to others. One that died and is back sooner has them
    at once."""
    transaction_seconds: Annotated[float, Field(ge=30, le=900)] = 30
    """The brokers abort a transaction that takes longer; ours take milliseconds. Until then readers wait for one
    whose process died and does not come back."""


class WorkerSection(Section):
    """The exactly-once loop that runs every stage."""

    batch: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Most messages decided in one transaction. Larger batches cost latency, smaller ones throughput."""
    poll_seconds: Annotated[float, Field(gt=0, le=5)] = 0.5
    """How long a poll waits for messages before the stage looks at its other duties."""
    failures_in_a_row: Annotated[int, Field(ge=1)] = 5
    """A stage stops when this many messages in a row ended as dead letters by an exception: then it is our bug
    or a missing part, and the topic must not drain away."""
    failures_in_1000: Annotated[int, Field(ge=1)] = 10
    """A stage stops when more than this many of the last 1,000 messages ended so."""


class PollerSection(Section):
    """How feeds are fetched and what becomes of their entries."""

    interval_minutes: Annotated[float, Field(gt=0)] = 30
    """How often a feed is polled when nothing it says asks for more patience."""
    min_interval_minutes: Annotated[float, Field(gt=0)] = 10
    """No feed is polled more often than this, whatever it says."""
    max_interval_hours: Annotated[float, Field(gt=0)] = 24
    """No healthy feed is polled less often than this, whatever it says."""
    max_backoff_days: Annotated[float, Field(gt=0)] = 7
    """The longest wait after failures. No feed is ever given up."""
    host_spacing_seconds: Annotated[float, Field(ge=0)] = 5
    """The least time between two requests to one host; a host is asked by one connection at a time."""
    concurrency: Annotated[int, Field(ge=1, le=1_000)] = 32
    """Most feeds fetched at once."""
    connect_seconds: Annotated[float, Field(gt=0)] = 10
    """Limit for establishing a connection."""
    read_seconds: Annotated[float, Field(gt=0)] = 20
    """Limit for a silence in the middle of a response."""
    total_seconds: Annotated[float, Field(gt=0)] = 60
    """Limit for a whole request, redirects included."""
    parse_seconds: Annotated[float, Field(gt=0)] = 20
    """Limit for parsing one feed; a parse that overruns is ended and counts as a failure of that feed alone."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Redirects followed per request."""
    max_feed_mib: Annotated[float, Field(gt=0)] = 5
    """The largest feed, after decompression; what is larger is refused."""
    max_text_chars: Annotated[int, Field(ge=1_000)] = 200_000
    """Longer article texts are cut here."""
    allow_private_networks: bool = False
    """Whether feeds may live on private, loopback or link-local addresses. Refused by default, on every
    redirect too, so that nobody can make the poller read an internal service."""
    user_agent: str = "Storywire/{version} (+{contact})"
    """The User-Agent header; {version} and {contact} are filled in."""
    contact: str = "https://example.org/storywire"
    """Where a publisher can reach whoever runs this service: a URL or mailto address of yours."""
    first_poll_days: Annotated[float, Field(gt=0)] | None = 3
    """The first poll of a feed emits entries at most this old, so that adding feeds does not flood the stories
    with the past. null: no limit."""
    forget_after_days: Annotated[float, Field(gt=0)] = 30
    """How long an entry is remembered after its feed stopped listing it."""
    default_lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    """The language assumed where a text is too short to tell and the feed declares none (ISO 639-1)."""


class DedupSection(Section):
    """Near-duplicate detection."""

    window_days: Annotated[float, Field(gt=0)] = 7
    """How long an article can be found by its copies, by the stream's clock."""
    shingle_words: Annotated[int, Field(ge=1, le=20)] = 5
    """Words per shingle."""
    permutations: Annotated[int, Field(ge=16, le=1_024)] = 128
    """Length of the MinHash signature."""
    rows: Annotated[int, Field(ge=1, le=32)] = 3
    """Rows per LSH band. With 128 permutations, 3 rows make 42 bands, which find 99.6 % of the pairs at Jaccard
    0.5; 5 rows make 25 bands, which find 55 %."""
    near_jaccard: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Verified Jaccard similarity from which an article is a near-duplicate."""
    excerpt_containment: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Share of an article's shingles that stand in a longer one, from which it is an excerpt of that one."""
    short_words: Annotated[int, Field(ge=0)] = 50
    """Texts of fewer words collide by chance, and need short_jaccard instead of the thresholds above."""
    short_jaccard: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Verified Jaccard similarity from which a short text is a near-duplicate."""

    @model_validator(mode="after")
    def _bands_reach_the_thresholds(self) -> Self:
        short = shortcoming(self.permutations, self.rows, min(self.near_jaccard, self.short_jaccard))
        if short:
            raise ValueError(short)
        return self


class EmbedSection(Section):
    """Sentence vectors."""

    model: str = "all-MiniLM-L6-v2"
    """The packaged all-MiniLM-L6-v2, any other sentence-transformers model or path, or `hashing`: a
    deterministic stand-in without a neural network, for tests of everything around it."""
    languages: tuple[str, ...] = ("en",)
    """The languages the model understands; elsewhere stories rest on words, names and time alone. ["*"] means
    all. Measured with all-MiniLM-L6-v2, mean cosine of unrelated headlines: English 0.00, German 0.29,
    Russian 0.59."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of the model. bfloat16 is about twice as fast and moves cosines by up to 0.014."""
    max_tokens: Annotated[int, Field(ge=16, le=8_192)] = 128
    """Tokens read of each article (title and lead)."""
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that encode side by side; the order of messages stays."""


class ClusterSection(Section):
    """Stories: which article joins which."""

    window_days: Annotated[float, Field(gt=0)] = 30
    """How long an article can attract others to its story, by the stream's clock."""
    quiet_days: Annotated[float, Field(gt=0)] = 21
    """A story that got no article for so long takes no more: what follows opens another one, linked with it.
    Shorter ones lose late reports: F1 on g5w is 96.7 with 21 days or more, 95.5 with 14, 93.0 with 7; elsewhere
    the same."""
    candidates: Annotated[int, Field(ge=1, le=1_000)] = 30
    """The nearest articles whose stories are considered. From 20 to 50 of them, stories are equally good; 5 cost
    0.3 points of F1."""
    members: Annotated[int, Field(ge=1, le=1_000)] = 40
    """The newest members of a candidate story that an article is compared with."""
    join_score: float = 1.25
    """Story score (log odds) from which an article joins; flat from 1.0 to 1.75 on our corpora."""
    merge_score: float = 1.75
    """Mean score over all pairs of two stories' members from which the stories are merged."""
    doubt: Annotated[float, Field(ge=0)] = 1.0
    """A decision whose story score is at most this far from join_score (log odds) is marked as doubtful."""
    leave_out: tuple[Literal["dense", "sparse", "names", "time", "merge"], ...] = ()
    """What stories are made without, to see what it is worth: the vectors, the words, the names and numbers, the
    nearness in time, the merging of stories. One at a time: the weights of the rest are fitted without it."""

    @field_validator("leave_out")
    @classmethod
    def _one_part(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(parts) - {"merge"}) > 1:
            raise ValueError(
                "weights are fitted without one part at a time: leave out one, and `merge` if you like"
            )
        return parts


class SupervisorSection(Section):
    """`storywire run`: the stages as supervised processes."""

    restart_seconds: Annotated[float, Field(gt=0)] = 0.5
    """Wait before a stage that died is started again; doubles with each death in a row."""
    max_restart_seconds: Annotated[float, Field(gt=0)] = 30
    """The longest such wait."""
    status_seconds: Annotated[float, Field(gt=0)] = 30
    """How often the status line is written (more often during the first minute)."""
