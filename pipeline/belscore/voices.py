"""Which voice says each stretch, within one recording: a hidden Markov model whose states are voices.

Each voice is a Gaussian in the space of `voice_features`, all with one shared covariance; what is said and where the
pauses are comes in as given scores. Voices and sequence are found together by expectation maximisation from several
starts, and the likeliest outcome is taken. The same idea with other features: Landini et al. 2022, "Bayesian HMM
clustering of x-vector sequences (VBx)".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from belscore.voice_features import Pieces, Vectors

# How much the log likelihood of a piece counts. Values of 1 to 2 do equally well on the recorded talks and the samples.
SOUND_WEIGHT = 1.5
# Share of the shared covariance that is taken as equal in all directions: a call has few pieces for many directions.
ROUNDNESS = 0.3
# A voice with less than this share of the speech is no voice.
LEAST_SHARE = 0.02
# Pieces with some weight that it takes to tell voices apart.
LEAST_PIECES = 4
# Between voices that are alike the widest axis is often a manner of speaking: each of the first axes is a start.
START_AXES = 6
# Axes of each view by which voices that are not alike are found already. Among all axes noise or a manner of speaking
# may fit a little better than the voices do (on the noisiest recorded talk it did), but stands less far apart.
COARSE_AXES = (2, 1, 1, 1)
# The same for a third voice.
THIRD_START_AXES = 3
# Log odds of what cannot be.
_RULED_OUT = -60.0
# How sure a start is of its own guess.
_START = 0.9
_ROUNDS = 25
_SETTLED = 1e-4
# After so many rounds only the likeliest starts go on: on the recorded talks, new mixes of them and the samples the
# outcome is the same as with all of them.
_ROUNDS_OF_ALL = 5
_STARTS_KEPT = 4


def tell_apart(pieces: Pieces, scores: Vectors, changes: Sequence[float]) -> Vectors:
    """(n, 2) probability 0..1 of each party for each stretch.

    pieces  : what the stretches sound like
    scores  : (n, 2) what is said, as log odds for each party
    changes : (n,) log odds of a change of speaker before each stretch

    With too little speech to tell voices apart, by the scores and changes alone.
    """
    steps = np.asarray(changes, np.float64)
    by_words = sequence(scores[None], steps)[0]
    without_sound: Vectors = by_words[0]
    if (pieces.weight > 0).sum() < LEAST_PIECES:
        return without_sound
    values = np.hstack(pieces.views)
    widest = [view[:, :START_AXES] for view in pieces.views]
    found = _fitted(values, pieces, scores, steps, np.concatenate([by_words, _starts(widest, pieces, len(scores))]))
    if found is None:
        return without_sound
    coarse = [view[:, :axes] for view, axes in zip(pieces.views, COARSE_AXES, strict=False)]
    starts = np.concatenate([by_words, _starts(coarse, pieces, len(scores))])
    plain = _fitted(np.hstack(coarse), pieces, scores, steps, starts)
    if plain is not None:
        plain = _fitted(values, pieces, scores, steps, plain[None])
    if plain is not None and _apart(values, pieces, plain) > _apart(values, pieces, found):
        return plain
    return found


def add_third(
    pieces: Pieces, scores: Vectors, changes: Sequence[float], likely: Vectors, since: npt.NDArray[np.bool_]
) -> Vectors | None:
    """(n, 3) probability of both parties and of a third voice for each stretch; None where no third one is found.

    scores : (n, 3) what is said, as log odds for each
    likely : (n, 2) what `tell_apart` found, which may have taken two of the three for one
    since  : (n,) the stretches that may be the third's
    """
    if (pieces.weight > 0).sum() < LEAST_PIECES:
        return None
    ruled_out = np.where(since, 0.0, _RULED_OUT)[:, None] * (np.arange(scores.shape[1]) == likely.shape[1])
    widest = [view[:, :THIRD_START_AXES] for view in pieces.views]
    guesses = _starts(widest, pieces, len(scores))
    as_found, in_two = [likely, likely[:, ::-1]], [guess[:, 0] for guess in guesses]
    one_of_two = [likely[:, 0], likely[:, 1], np.full(len(scores), _START)]
    # Either one of the two found voices holds the third, or the third is found and both parties are taken for one.
    pairs = [(parties, third) for third in one_of_two for parties in [*as_found, *guesses]]
    pairs += [(parties, third) for third in in_two for parties in as_found]
    starts = [np.column_stack([parties * (1 - third * since)[:, None], third * since]) for parties, third in pairs]
    return _fitted(
        np.hstack(pieces.views), pieces, scores + ruled_out, np.asarray(changes, np.float64), np.array(starts)
    )


def _fitted(values: Vectors, pieces: Pieces, scores: Vectors, steps: Vectors, likely: Vectors) -> Vectors | None:
    """(n, voices) what the likeliest of the starts leads to; None where all of them lose one of the voices.

    values : (pieces, axes) what the pieces sound like
    likely : (starts, n, voices) first guesses
    """
    alive, before = np.ones(len(likely), np.bool_), np.full(len(likely), -np.inf)
    for done in range(_ROUNDS):
        if done == _ROUNDS_OF_ALL:
            kept = np.where(alive, before, -np.inf).argsort()[-_STARTS_KEPT:]
            alive, before, likely = alive[kept], before[kept], likely[kept]
        shares = likely[:, pieces.owner] * pieces.weight[:, None]
        alive &= shares.sum(axis=1).min(axis=1) >= LEAST_SHARE * pieces.weight.sum()
        if not alive.any():
            return None
        heard = np.zeros((len(scores), len(likely), scores.shape[1]))
        sound = SOUND_WEIGHT * pieces.weight[:, None] * _log_likelihoods(values, shares)
        np.add.at(heard, pieces.owner, sound.transpose(1, 0, 2))
        likely, fit = sequence(scores + heard.transpose(1, 0, 2), steps)
        if np.abs(fit - before)[alive].max() < _SETTLED:
            break
        before = fit
    best: Vectors = likely[np.where(alive, fit, -np.inf).argmax()]
    return best


def _starts(views: Sequence[Vectors], pieces: Pieces, count: int) -> Vectors:
    """(starts, count, 2) first guesses: the pieces cut in two along each axis of the views, either way round."""
    guesses = []
    for axis in np.hstack(views).T:
        heard = np.zeros(count)
        np.add.at(heard, pieces.owner, pieces.weight * (axis - np.average(axis, weights=pieces.weight)))
        first = np.where(heard > 0, _START, 1 - _START)
        guesses += [np.column_stack([first, 1 - first]), np.column_stack([1 - first, first])]
    return np.array(guesses)


def _log_likelihoods(values: Vectors, shares: Vectors) -> Vectors:
    """(starts, n, voices) of each piece under Gaussians with one covariance for all voices of a start.

    values : (n, axes) what the pieces sound like
    shares : (starts, n, voices) how much of each piece belongs to each voice
    """
    means, covariance = _voices(values, shares)
    offsets = values[None, None] - means[:, :, None]
    distances = np.einsum("svni,sij,svnj->snv", offsets, np.linalg.inv(covariance), offsets, optimize=True)
    result: Vectors = -0.5 * distances - 0.5 * np.linalg.slogdet(covariance)[1][:, None, None]
    return result


def _voices(values: Vectors, shares: Vectors) -> tuple[Vectors, Vectors]:
    """Means (starts, voices, axes) of the voices, and the covariance (starts, axes, axes) that they have in common."""
    axes = values.shape[1]
    totals = np.maximum(shares.sum(axis=1), 1e-9)
    means = np.einsum("snv,nd->svd", shares, values) / totals[:, :, None]
    offsets = values[None, None] - means[:, :, None]
    whole = totals.sum(axis=1)[:, None, None]
    within = np.einsum("snv,svni,svnj->sij", shares, offsets, offsets, optimize=True) / whole
    between = np.einsum("sv,svi,svj->sij", totals, *[means - values.mean(axis=0)] * 2) / whole
    spread = np.trace(within + between, axis1=1, axis2=2)[:, None, None] / axes
    return means, (1 - ROUNDNESS) * within + (ROUNDNESS * spread + 1e-9) * np.eye(axes)


def _apart(values: Vectors, pieces: Pieces, likely: Vectors) -> float:
    """Mahalanobis distance between the two voices, squared."""
    means, covariance = _voices(values, (likely[pieces.owner] * pieces.weight[:, None])[None])
    between = means[0, 0] - means[0, 1]
    return float(between @ np.linalg.solve(covariance[0], between))


def sequence(scores: Vectors, steps: Vectors) -> tuple[Vectors, Vectors]:
    """Probability of each state at each place (m, n, states), and log likelihoods (m,): the forward-backward algorithm.

    scores : (m, n, states) log odds of each state at each place, for m cases that are worked out at once
    steps  : (n,) log odds of a change of state before each place; the first has no meaning
    """
    count, states = scores.shape[1:]
    change = steps[:, None, None] - np.log(max(1, states - 1))
    moves = np.where(np.eye(states, dtype=np.bool_), 0.0, change) - np.logaddexp(0.0, steps)[:, None, None]
    forward, backward = scores.copy(), np.zeros_like(scores)
    for place in range(1, count):
        forward[:, place] += np.logaddexp.reduce(forward[:, place - 1, :, None] + moves[place], axis=1)
    for place in range(count - 2, -1, -1):
        following = scores[:, place + 1] + backward[:, place + 1]
        backward[:, place] = np.logaddexp.reduce(moves[place + 1] + following[:, None], axis=2)
    total = np.logaddexp.reduce(forward[:, -1], axis=1)
    return np.exp(forward + backward - total[:, None, None]), total
