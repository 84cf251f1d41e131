"""Messages survive their bytes: what a state is restored from equals what it was changed with."""

import math
from datetime import UTC, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from streams import deaths, failures, messages
from streams.messages import BadMessage, Decoder, UnknownSchema, encode, storable

KINDS = [
    messages.Article,
    messages.Deduped,
    messages.Embedded,
    messages.StoryUpdate,
    messages.Feed,
    deaths.Run,
    failures.Failures,
]

moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type, as msgspec understands it."""
    match kind:
        case inspect.StrType():
            return st.text(max_size=20).map(storable)
        case inspect.IntType():
            return st.integers(-(2**53), 2**53)
        case inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.DateTimeType():
            return moments
        case inspect.LiteralType(values=allowed):
            return st.sampled_from(allowed)
        case inspect.UnionType(types=types):
            return st.one_of(*map(values, types))
        case inspect.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=2).map(tuple)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(values(key), values(value), max_size=2)
        case inspect.StructType(cls=cls, fields=fields):
            parts = {field.name: values(field.type) for field in fields if field.name != "schema"}
            return st.builds(cls, **parts)
    raise NotImplementedError(kind)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_message_comes_back_equal(kind: type[messages.Message], data: st.DataObject) -> None:
    message = data.draw(values(inspect.type_info(kind)))
    assert Decoder(kind)(encode(message)) == message


def test_unknown_fields_are_ignored_and_unknown_versions_refused() -> None:
    decode = Decoder(messages.Feed)
    assert decode(b'{"schema":1,"url":"u","new":[1]}') == messages.Feed(url="u")
    with pytest.raises(UnknownSchema, match="schema version 2, this Storywire reads version 1"):
        decode(b'{"schema":2,"url":"u"}')


@given(value=st.one_of(st.none(), st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_no_bytes_raise_anything_but_bad_message(value: bytes | None) -> None:
    try:
        Decoder(messages.Feed)(value)
    except BadMessage as error:
        assert str(error)


@given(text=st.text(st.characters(), max_size=30))
def test_every_string_can_be_made_storable_and_stays_so(text: str) -> None:
    stored = storable(text)
    assert storable(stored) == stored
    assert "\0" not in stored
    assert msgspec.json.decode(msgspec.json.encode(stored)) == stored


def test_a_float_that_json_cannot_hold_is_why_scores_must_be_finite() -> None:
    """msgspec writes NaN as null, and then refuses to read it: a processor must never emit one."""
    pair = messages.PairScore(id="a", score=math.nan, parts={})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(encode(pair), type=messages.PairScore)


def test_storable_keeps_what_is_valid() -> None:
    assert storable("naïve 新聞 \U0001f4f0") == "naïve 新聞 \U0001f4f0"
    assert storable("a\ud800b\0c") == "a\ufffdbc"
