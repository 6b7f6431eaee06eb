"""Trains the search model and writes ``knowledge/search/model.npz``."""

import sys
import time

import numpy as np

from knowledge.search import rank
from knowledge.search.model import FILE
from knowledge.search.training import calibrate, contrast
from knowledge.search.training.data import QUESTIONS, REFUSALS, Features, embed, lines, phrases

BUCKETS = 8192
GRAM_WEIGHT = 0.7


def main() -> None:
    """Cross-fits on two halves of the questions to learn order and calibration, then trains on all of them."""
    begun = time.monotonic()
    plan = contrast.Plan()

    def tell(step: int, loss: float) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  step {step:4d}  loss {loss:.4f}", flush=True)

    known = phrases()
    vectors = embed(known.texts)
    features = Features.fit(known.texts, vectors, BUCKETS, GRAM_WEIGHT)
    rows = features(known.texts, vectors)
    asked, refused = lines(QUESTIONS), lines(REFUSALS)
    row_of = {code: i for i, code in enumerate(known.codes)}
    owners = np.array([row_of[q["code"]] for q in asked])
    texts = [q["text"] for q in asked]
    questions = features(texts, embed(texts))
    others = [q["text"] for q in refused]
    strangers = features(others, embed(others))
    print(f"{len(known.codes)} records, {len(known.texts)} phrases, {len(texts)} questions, {len(others)} refusals")

    halves = np.arange(len(texts)) % 2
    inside, outside = [], []
    for half in (0, 1):
        seen, unseen = np.flatnonzero(halves == half), np.flatnonzero(halves != half)
        weights = contrast.train(known, rows, questions[seen], owners[seen], plan, tell)
        unseen_texts = [texts[i] for i in unseen]
        inside.append(calibrate.candidates(known, rows, unseen_texts, questions[unseen], owners[unseen], weights))
        outside.append(calibrate.candidates(known, rows, others, strangers, None, weights))
    ranked, outer = inside[0] + inside[1], outside[0] + outside[1]
    order = calibrate.fit_rank(ranked)
    answer, scope = calibrate.fit_decision(ranked, outer, order)
    right = np.mean((ranked.evidence @ order).argmax(axis=1) == ranked.truth)
    plain = np.mean(ranked.evidence[:, :, 0].argmax(axis=1) == ranked.truth)
    print(f"unseen halves: first right {plain:.3f} by similarity, {right:.3f} with the order learned")

    weights = contrast.train(known, rows, questions, owners, plan, tell)
    half_precision = {"mean": features.mean, "vector": weights[0], "gram": weights[1], "idf": features.idf}
    np.savez_compressed(
        FILE,
        **{name: value.astype(np.float16) for name, value in half_precision.items()},  # type: ignore[arg-type]
        gram_weight=np.float32(GRAM_WEIGHT),
        features=np.array(rank.names()),
        topic=calibrate.fit_topic(*(contrast.unit(contrast.project(r, weights)) for r in (questions, strangers))),
        rank=order,
        answer=answer,
        scope=scope,
    )
    print(f"{FILE.name}: {FILE.stat().st_size / 1e6:.1f} MB in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
