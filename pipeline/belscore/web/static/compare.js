// @ts-check
/** Scores of earlier calls and this one, in order of time, as a small line of points. */
import { fill } from "./player.js";
import { svg } from "./timeline.js";

const [TOP, HEIGHT, BELOW] = [26, 110, 14];
const SIDE = 9; // per cent left free at either side

/** @typedef {{id: number, title: string, score: number | null, coverage: number, is_this: boolean}} Attempt */

/**
 * Where each score stands: x in per cent of the width, y in pixels from the top.
 * @param {Attempt[]} attempts in order of time
 * @returns {{attempt: Attempt, x: number, y: number}[]} those that have a score
 */
export function points(attempts) {
  const step = attempts.length > 1 ? (100 - 2 * SIDE) / (attempts.length - 1) : 0;
  return attempts.flatMap((attempt, place) => {
    if (attempt.score === null) return [];
    const x = attempts.length > 1 ? SIDE + place * step : 50;
    return [{ attempt, x, y: TOP + HEIGHT * (1 - attempt.score / 100) }];
  });
}

/**
 * @param {HTMLElement} host
 * @param {Attempt[]} attempts
 * @param {Record<string, string>} texts
 */
export function drawAttempts(host, attempts, texts) {
  const found = points(attempts);
  const grid = [0, 50, 100].flatMap((score) => {
    const y = TOP + HEIGHT * (1 - score / 100);
    return [
      svg("line", { class: "grid", x1: "0", x2: "100%", y1: y, y2: y }),
      svg("text", { class: "scale", x: 0, y: y - 3 }, [`${score}`]),
    ];
  });
  const lines = found.slice(1).map((each, place) =>
    svg("line", { class: "between", x1: `${found[place].x}%`, y1: found[place].y, x2: `${each.x}%`, y2: each.y }),
  );
  const dots = found.flatMap(({ attempt, x, y }) => {
    const rounded = Math.min(attempt.score === 100 ? 100 : 99, Math.round(attempt.score ?? 0));
    const told = `${attempt.title}: ${fill(texts.score, { score: rounded })}`;
    return [
      svg("circle", { class: attempt.is_this ? "dot this" : "dot", cx: `${x}%`, cy: y, r: attempt.is_this ? 7 : 5 }, [
        svg("title", {}, [told]),
      ]),
      svg("text", { class: attempt.is_this ? "value this" : "value", x: `${x}%`, y: y - 12 }, [`${rounded}`]),
    ];
  });
  host.replaceChildren(
    svg("svg", { width: "100%", height: TOP + HEIGHT + BELOW, "aria-hidden": "true" }, [...grid, ...lines, ...dots]),
  );
}
