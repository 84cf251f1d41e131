"""How the reading commands show what they found: `print_…` for people, the others for programs."""

from service.show_explain import explain_json, print_explain
from service.show_pair import pair_json, print_pair
from service.show_replay import print_replay, replay_result
from service.show_stories import print_stories, print_story, stories_json, story_json

__all__ = [
    "explain_json",
    "pair_json",
    "print_explain",
    "print_pair",
    "print_replay",
    "print_stories",
    "print_story",
    "replay_result",
    "stories_json",
    "story_json",
]
