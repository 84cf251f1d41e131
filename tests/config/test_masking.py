"""What is shown of URLs: never a password, whatever it is made of and wherever it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.masking import masked

SCHEMES = ("postgresql://", "postgresql:", "kafka://", "https://", "")


@given(
    scheme=st.sampled_from(SCHEMES),
    before=st.text(alphabet=":/?#@[]&=%+,x5é ", max_size=6),
    after=st.text(alphabet=":/?#@[]&=%+,x5é ", max_size=6),
)
def test_a_password_never_shows_whatever_it_is_made_of(scheme: str, before: str, after: str) -> None:
    password = f"Ope{before}Sesame{after}Now"
    for url in (
        f"{scheme}ada:{password}@db.example/news",
        f"{scheme}ada:{password}@db.example:5432/news?sslmode=require",
        f"{scheme}ada@corp:{password}@db.example/news",
    ):
        for part in ("Ope", "Sesame", "Now"):
            assert part not in masked(url), url


@given(
    text=st.text(alphabet=":/?#@[]=%+,x5é ", max_size=6),
    name=st.sampled_from(["password", "pass%77ord", "sslpassword"]),
)
def test_nor_does_one_among_the_parameters(text: str, name: str) -> None:
    for url in (
        f"postgresql://ada@db.example/news?{name}=Open{text}Sesame",
        f"postgresql://db.example/news?sslmode=require&{name}=Open{text}Sesame",
    ):
        assert "Open" not in masked(url), url
        assert "Sesame" not in masked(url), url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql://ada:pw@db.example:5432/news?sslmode=require",
            "postgresql://ada:***@db.example:5432/news?sslmode=require",
        ),
        (
            "postgresql://ada@h/news?password_file=/run/secrets/pw",
            "postgresql://ada@h/news?password_file=/run/secrets/pw",
        ),
        ("postgresql://ada@h/news?sslpassword=pw&x=y", "postgresql://ada@h/news?sslpassword=***&x=y"),
        ("postgresql://ada:p/w@h/news", "postgresql://***@h/news"),
        ("postgresql://ada:p?w@h/news", "postgresql://***"),
        ("kafka://one:9092,two:9092", "kafka://one:9092,two:9092"),
        ("sqlite:////home/me@work/stories.db", "sqlite:////home/me@work/stories.db"),
        ("jsonl:var/stories", "jsonl:var/stories"),
        ("console:", "console:"),
    ],
)
def test_what_is_no_secret_stays(url: str, shown: str) -> None:
    assert masked(url) == shown
