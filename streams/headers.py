"""Headers of the records on a topic. They never enter a payload."""

from streams.log import Record

TRACE = "trace"
"""Made where an article enters, and found again on everything that comes of it."""
INPUT = "input"
"""On an output: where its input stands, so that a reader can tell a repeat or a gap."""


def place(record: Record) -> str:
    """Where a record stands: `topic/partition/offset`."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def trace_of(record: Record) -> dict[str, str]:
    """The trace header, to be carried on; empty where the input has none."""
    return {TRACE: record.headers[TRACE]} if TRACE in record.headers else {}


def output_headers(record: Record) -> dict[str, str]:
    """The headers of the output for an input."""
    return trace_of(record) | {INPUT: place(record)}
