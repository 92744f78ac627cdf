"""Logistic regression over hashed features, and its weights in the form in which rules keep them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from belscore.language.call_model import DIMENSIONS

LARGEST = 127


def rows_of(each: Sequence[Sequence[Iterable[int]]]) -> csr_matrix:
    """A row for each list of groups of places; a place counts by the root of the size of its group."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, groups in enumerate(each):
        for places in filter(None, map(sorted, groups)):
            rows += [row] * len(places)
            columns += places
            values += [len(places) ** -0.5] * len(places)
    return csr_matrix((values, (rows, columns)), shape=(len(each), DIMENSIONS))


def fit(x: csr_matrix, labels: Sequence[bool], strength: float) -> NDArray[np.float64]:
    """Weights and bias of a logistic regression with an L2 penalty; features in few rows may weigh more."""
    counts = np.asarray((x > 0).sum(axis=0)).ravel()
    known = np.flatnonzero(counts >= 2)
    rarity = np.log(x.shape[0] / counts[known])
    scaled = x[:, known].multiply(rarity).tocsr()
    theta = np.zeros(DIMENSIONS + 1)
    small = regress(scaled, labels, strength)
    theta[known], theta[-1] = small[:-1] * rarity, small[-1]
    return theta


def regress(x: csr_matrix, labels: Sequence[bool], strength: float) -> NDArray[np.float64]:
    """A weight a column and, last, the bias."""
    sign, turned = np.where(labels, 1.0, -1.0), x.T.tocsr()

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (x @ theta[:-1] + theta[-1])
        pull = -sign / (1 + np.exp(margin))
        value = strength * np.logaddexp(0, -margin).sum() + 0.5 * theta[:-1] @ theta[:-1]
        return value, np.append(strength * (turned @ pull) + theta[:-1], strength * pull.sum())

    start = np.zeros(x.shape[1] + 1)
    return np.asarray(
        minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300, "ftol": 1e-7}).x, np.float64
    )


def quantised(theta: NDArray[np.float64]) -> tuple[array[int], float, float]:
    """Weights as signed bytes, what to multiply them by, and the bias."""
    scale = float(np.abs(theta[:-1]).max()) / LARGEST
    return array("b", np.round(theta[:-1] / scale).astype(np.int8).tobytes()), scale, float(theta[-1])
