"""What kind of headline it is, by examples written for this project."""

import pytest

from processors.stories.headline import Headline, kind_of

PLAIN = """
    Ferry runs aground off Skarholm with 212 aboard
    Five killed as bus leaves road near Velgrad
    4 charged over fire at Lindvik harbour
    Tarvonian parliament votes to live without a king
    Minister beaten in attack shown on Facebook Live
    Residents live in fear of the next flood
    WHO declares end of the Marsh fever epidemic
    Government wraps up inquiry into the Skarholm grounding
    Press briefing ends in uproar over deleted footage
    Intelligence briefings for the new minister begin on Monday
    Morning trains cancelled as drivers strike
    Storm hits Lindvik; thousands without power this evening
    Opinion polls put Dorn ahead of Solberg
    Analysts expect the bank to raise rates
    Video of police raid released by court
    Watchdog fines railway over late trains
    Ten people rescued from ice floe
    Top court strikes down the ferry tax
    Pictures stolen from museum found in a barn
    Week of protests ends in Velgrad
""".strip().splitlines()

TEASING = """
    Will the drivers' strike ever end?
    Is this the end of the ferry? It depends on whom you ask
    How a fog bank stranded 212 people
    Why the rail strike matters
    What we know about the Skarholm grounding
    Who is Pavel Dorn, the man who stopped the trains
    Here's what the strike means for your commute
    7 things to know about the rail strike
    Five reasons the talks failed
    The 10 worst moments of the debate
    You won't believe what this captain did next
    The rail dispute, explained
    Everything you need to know about the new fares
    OPINION: The drivers are right
    Editorial: End this strike
    Analysis | The union's gamble
    Fact check: Did the minister promise six per cent?
    Watch: helicopter lifts passengers off the Aurora Maris
    Let the trains run – opinion
    Stranded
""".strip().splitlines()

GATHERING = """
    Live: passengers leave the Aurora Maris
    LIVE UPDATES: Ferry aground off Skarholm
    Storm Berit live updates: thousands without power
    Live video and blog: the minister speaks in Velgrad
    Tarvonia election – live
    Tarvonia election: Dorn concedes – as it happened
    Rail strike live blog
    Budget day, minute by minute
    Rolling coverage of the ferry accident
    Morning briefing: ferry aground, trains stopped
    Your Monday briefing
    News digest for 3 October
    Weekly round-up: a ferry, a strike and a storm
    Courts roundup: judges rule on fares and ferries
    Shares fall on strike fears: Markets Wrap
    Five things to know this morning
    The top stories of the day
    The week in Tarvonia
    The storm in pictures
    Photos of the week
""".strip().splitlines()


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        (title.strip(), kind)
        for kind, titles in (
            (Headline.PLAIN, PLAIN),
            (Headline.TEASING, TEASING),
            (Headline.GATHERING, GATHERING),
        )
        for title in titles
    ],
)
def test_the_kind_of_a_headline_is_read_from_its_words(title: str, kind: Headline) -> None:
    assert kind_of(title, "en") is kind
    assert kind_of(title.replace("'", "’"), "en") is kind


def test_capitals_change_nothing() -> None:
    assert kind_of("WHY THE RAIL STRIKE MATTERS", "en") is Headline.TEASING
    assert kind_of("FERRY AGROUND OFF SKARHOLM", "en") is Headline.PLAIN


def test_other_languages_are_plain() -> None:
    assert kind_of("Liveblog: Fähre auf Grund", "de") is Headline.PLAIN
    assert kind_of("Will er wirklich?", "de") is Headline.PLAIN


@pytest.mark.parametrize("title", ["", "?", "?" * 5_000, "live " * 5_000, "top 3 " * 5_000, "\ud800"])
def test_odd_headlines_take_no_time(title: str) -> None:
    assert kind_of(title, "en") in Headline
