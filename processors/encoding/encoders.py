"""The encoder that the settings ask for."""

from config.sections import EmbedSection
from processors.embed import Encoder
from processors.encoding.hashing_encoder import HashingEncoder


def encoder(section: EmbedSection) -> Encoder:
    """The encoder of `embed.model`, in this process or in several.

    Raises:
        Halt: the model is nowhere to be found; the message names it and the remedy.
    """
    if section.model == "hashing":
        return HashingEncoder(section)
    from processors.encoding.encoder import PooledEncoder, SentenceEncoder

    return PooledEncoder(section) if section.processes > 1 else SentenceEncoder(section)
