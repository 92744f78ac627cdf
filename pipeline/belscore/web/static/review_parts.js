// @ts-check
// What stands in the controls of a finding that a coach reviews.

/**
 * @typedef {"pass" | "fail" | "unsure" | "not_applicable"} Verdict
 * @typedef {{coach: string, verdict: Verdict, verdict_title: string, reason: string, agrees: boolean, at: string}} Said
 * @typedef {{rule_id: string, title: string, machine: Verdict | null, machine_title: string | null, mine: Said | null,
 *   others: Said[], counts: Verdict | null, is_asked: boolean}} FindingState
 * @typedef {{id: number, name: string, left: number, of: number, next: string}} SampleState
 * @typedef {{call_id: number, findings: FindingState[], asked: number, left: number, sample: SampleState | null}} ReviewState
 */
/** @typedef {{texts: Record<string, string>, verdicts: Record<Verdict, string>, blind: boolean}} Words */

export const VERDICTS = /** @type {Verdict[]} */ (["pass", "fail", "unsure", "not_applicable"]);
/** What the form begins with: a coach who says otherwise mostly means this. */
const OTHER = { pass: "fail", fail: "pass", unsure: "fail", not_applicable: "fail" };

/**
 * An element with attributes and children.
 * @param {string} tag @param {Record<string, string | boolean>} attributes @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** @param {Said} said @param {string} who @param {Words} words */
export function saidBy(said, who, words) {
  const badge = make("span", { class: `verdict ${said.verdict}` }, said.verdict_title);
  const line = make("p", { class: "said-line" }, make("strong", {}, who), " ", badge);
  if (said.agrees && !words.blind) line.append(" ", make("span", { class: "quiet" }, words.texts.agrees));
  if (said.reason) line.append(" ", make("span", {}, `“${said.reason}”`));
  return line;
}

/** @param {FindingState} finding @param {Words} words */
export function buttons(finding, words) {
  const rule = finding.rule_id;
  const label = (/** @type {string} */ text) => `${text}: ${finding.title}`;
  const row = make("p", { class: "review-row" });
  if (!finding.mine || finding.mine.verdict !== finding.machine) {
    const agree = make("button", { type: "button", "data-do": "agree", "data-rule-id": rule, "aria-label": label(words.texts.agree) });
    agree.append(`✓ ${words.texts.agree} `, make("kbd", { "aria-hidden": "true" }, "a"));
    row.append(agree);
  }
  const other = make("button", { type: "button", "data-do": "other", "data-rule-id": rule, "aria-label": label(words.texts.other) });
  other.append(`${finding.mine ? words.texts.change : words.texts.other} `, make("kbd", { "aria-hidden": "true" }, "o"));
  row.append(other);
  return row;
}

/** @param {FindingState} finding @param {Words} words */
export function blindButtons(finding, words) {
  const row = make("p", { class: "review-row", role: "group", "aria-label": finding.title });
  VERDICTS.forEach((verdict, place) => {
    const button = make("button", { type: "button", "data-do": "verdict", "data-verdict": verdict, "data-rule-id": finding.rule_id });
    button.append(`${words.verdicts[verdict]} `, make("kbd", { "aria-hidden": "true" }, String(place + 1)));
    row.append(button);
  });
  return row;
}

/** @param {FindingState} finding @param {Words} words */
export function reviewForm(finding, words) {
  const rule = finding.rule_id;
  const start = finding.mine?.verdict && finding.mine.verdict !== finding.machine ? finding.mine.verdict : OTHER[finding.machine || "pass"];
  const choices = make("fieldset", { class: "choices" }, make("legend", {}, words.texts.verdict));
  for (const verdict of VERDICTS) {
    const input = make("input", { type: "radio", name: "verdict", value: verdict, checked: verdict === start });
    choices.append(make("label", {}, input, ` ${words.verdicts[verdict]}`));
  }
  const id = `reason-${rule}`;
  const reason = make("textarea", { id, name: "reason", rows: "2", maxlength: "4000" }, finding.mine?.reason || "");
  return make(
    "form",
    { class: "review-form", "data-rule-id": rule },
    choices,
    make("label", { for: id }, words.texts.reason),
    reason,
    make(
      "p",
      { class: "review-row" },
      make("button", { class: "primary" }, words.texts.keep),
      make("button", { type: "button", "data-do": "cancel", "data-rule-id": rule }, words.texts.cancel),
    ),
  );
}
