// @ts-check
// A coach reviews the findings of a call: agrees (a), says otherwise with a reason (o), and walks on (j, k). Where the
// coach reviews blind, the verdict itself is said (1 to 4) and only then the program's is shown.

import { isShortcut, listAddress, placeOf, rememberedQuery } from "./call_list.js";
import { blindButtons, buttons, make, reviewForm, saidBy, VERDICTS } from "./review_parts.js";

/** @typedef {import("./review_parts.js").FindingState} FindingState */
/** @typedef {import("./review_parts.js").ReviewState} ReviewState */
/** @typedef {import("./review_parts.js").SampleState} SampleState */
/** @typedef {import("./review_parts.js").Verdict} Verdict */

/** @param {string} id @returns {any} */
function json(id) {
  return JSON.parse(document.getElementById(id)?.textContent || "null");
}

/** A text with what goes into it. @param {string} text @param {Record<string, string | number>} values */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

class Review {
  /** @param {HTMLElement} bar above the findings */
  constructor(bar) {
    this.bar = bar;
    this.callId = Number(bar.dataset.call);
    this.blind = bar.dataset.blind === "true";
    const asked = new URLSearchParams(location.search).get("steekproef");
    /** Whether the coach goes through a sample, and not through the list. */
    this.fromSample = this.blind || asked !== null;
    this.sample = asked || bar.dataset.sample || "";
    this.texts = /** @type {Record<string, string>} */ (json("review-texts"));
    const verdicts = /** @type {Record<Verdict, string>} */ (json("verdict-texts"));
    this.words = { texts: this.texts, verdicts, blind: this.blind };
    this.state = /** @type {ReviewState} */ (json("review-data"));
    /** @type {Map<string, HTMLElement>} */
    this.slots = new Map();
    for (const slot of document.querySelectorAll("[data-review]")) {
      if (slot instanceof HTMLElement && slot.dataset.review) this.slots.set(slot.dataset.review, slot);
    }
    /** @type {string | null} rule whose form is open */
    this.editing = null;
    /** @type {string | null} rule that was gone to last */
    this.at = null;
    this.isBusy = false;
  }

  async start() {
    this.render();
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("submit", (event) => this.onSubmit(event));
    if (this.sample && String(this.state.sample?.id) !== this.sample) await this.ask("GET");
    this.showPlace();
  }

  /** @param {"GET" | "POST"} method @param {object} [said] @returns {Promise<boolean>} */
  async ask(method, said) {
    const about = { sample: this.sample ? Number(this.sample) : null, blind: this.blind };
    const query = new URLSearchParams({ blind: String(this.blind), ...(this.sample ? { sample: this.sample } : {}) });
    const address = `/api/calls/${this.callId}/reviews`;
    try {
      const answer =
        method === "GET"
          ? await fetch(`${address}?${query}`)
          : await fetch(address, {
              method,
              headers: { "content-type": "application/json" },
              body: JSON.stringify({ ...about, ...said }),
            });
      const told = await answer.json();
      if (!answer.ok) {
        this.tell(told.error, true);
        return false;
      }
      this.state = told;
      this.render();
      return true;
    } catch {
      this.tell(this.texts.failed, true);
      return false;
    }
  }

  /**
   * Say something of findings, and go on with the next one.
   * @param {string[]} rules @param {Verdict | null} verdict @param {string} reason
   */
  async say(rules, verdict, reason) {
    if (this.isBusy || !rules.length) return;
    this.isBusy = true;
    const was = this.editing;
    this.editing = null;
    const kept = await this.ask("POST", { rules, verdict, reason });
    this.isBusy = false;
    if (!kept) {
      this.editing = was;
      return;
    }
    const left = this.state.left;
    this.tell(left ? filled(this.texts.kept, { left }) : this.texts.all_said);
    const shown = this.blind && rules.length === 1;
    if (shown) this.goTo(rules[0]);
    else this.step(1, true);
  }

  /** @param {string} told @param {boolean} [isWrong] */
  tell(told, isWrong = false) {
    const region = this.bar.querySelector(".told");
    if (!region) return;
    region.textContent = told;
    region.classList.toggle("bad", isWrong);
  }

  render() {
    const { asked, left, sample } = this.state;
    const said = asked - left;
    const progress = this.bar.querySelector("progress");
    if (progress) {
      progress.max = Math.max(1, asked);
      progress.value = said;
    }
    const standing = this.bar.querySelector(".standing");
    if (standing) standing.textContent = left ? filled(this.texts.left, { left, asked }) : this.texts.none_left;
    const all = this.bar.querySelector("[data-do=all]");
    if (all instanceof HTMLButtonElement) all.disabled = !left;
    this.renderSample(sample);
    for (const finding of this.state.findings) {
      const slot = this.slots.get(finding.rule_id);
      if (slot) this.renderFinding(slot, finding);
    }
  }

  /** @param {SampleState | null} sample */
  renderSample(sample) {
    const place = this.bar.querySelector(".of-sample");
    if (!(place instanceof HTMLElement)) return;
    place.hidden = !sample;
    if (!sample) return;
    const told = place.querySelector(".sample-left");
    if (told) told.textContent = filled(this.texts.sample, { name: sample.name, left: sample.left, of: sample.of });
    const next = place.querySelector("a");
    if (next) next.href = sample.next;
  }

  /** @param {HTMLElement} slot @param {FindingState} finding */
  renderFinding(slot, finding) {
    const rule = finding.rule_id;
    const children = [];
    if (finding.mine) children.push(saidBy(finding.mine, this.texts.you, this.words));
    for (const each of finding.others) children.push(saidBy(each, each.coach, this.words));
    if (this.blind && finding.machine) {
      const badge = make("span", { class: `verdict ${finding.machine}` }, finding.machine_title || "");
      children.unshift(make("p", { class: "said-line" }, `${this.texts.program}: `, badge));
    }
    if (this.editing === rule) children.push(reviewForm(finding, this.words));
    else if (this.blind && !finding.mine) children.push(blindButtons(finding, this.words));
    else children.push(buttons(finding, this.words));
    slot.replaceChildren(...children);
    slot.classList.toggle("to-say", finding.is_asked && !finding.mine);
  }

  /** @param {Event} event */
  onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("[data-do]") : null;
    if (!(button instanceof HTMLElement)) return;
    const rule = button.dataset.ruleId || "";
    const task = button.dataset.do;
    if (task === "agree") this.say([rule], null, "");
    else if (task === "verdict") this.say([rule], /** @type {Verdict} */ (button.dataset.verdict), "");
    else if (task === "other") this.edit(rule);
    else if (task === "cancel") this.cancel(rule);
    else if (task === "next") this.step(1, true);
    else if (task === "all") this.say(this.toSay().map((each) => each.rule_id), null, "");
  }

  /** @param {SubmitEvent} event */
  onSubmit(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.classList.contains("review-form")) return;
    event.preventDefault();
    const fields = new FormData(form);
    const rule = form.dataset.ruleId || "";
    const verdict = /** @type {Verdict} */ (fields.get("verdict"));
    const reason = String(fields.get("reason") || "").trim();
    if (!reason && verdict !== this.finding(rule)?.machine) {
      this.tell(this.texts.reason_needed, true);
      form.querySelector("textarea")?.focus();
      return;
    }
    this.say([rule], verdict, reason);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const form = event.target instanceof Element ? event.target.closest("form.review-form") : null;
    if (form instanceof HTMLFormElement) {
      if (event.key === "Escape") this.cancel(form.dataset.ruleId || "");
      else if (event.key === "Enter" && !event.shiftKey && event.target instanceof HTMLTextAreaElement) form.requestSubmit();
      else return;
      event.preventDefault();
      return;
    }
    if (!isShortcut(event)) return;
    const rule = this.current();
    const number = VERDICTS[Number(event.key) - 1];
    if (event.key === "j") this.step(1, false);
    else if (event.key === "k") this.step(-1, false);
    else if (event.key === "a" && !this.blind) rule ? this.say([rule], null, "") : this.step(1, true);
    else if (event.key === "o" && (!this.blind || (rule && this.finding(rule)?.mine))) rule ? this.edit(rule) : this.step(1, true);
    else if (number && this.blind) rule ? !this.finding(rule)?.mine && this.say([rule], number, "") : this.step(1, true);
    else if (event.key === "n") this.follow(this.fromSample ? ".of-sample a" : ".of-list a[rel=next]");
    else if (event.key === "p") this.follow(".of-list a[rel=prev]");
    else return;
    event.preventDefault();
  }

  /** @param {string} selector */
  follow(selector) {
    const link = this.bar.querySelector(selector);
    if (link instanceof HTMLAnchorElement && link.href) link.click();
  }

  /** @param {string} rule @returns {FindingState | undefined} */
  finding(rule) {
    return this.state.findings.find((each) => each.rule_id === rule);
  }

  /** Findings that are asked about and not said. */
  toSay() {
    return this.state.findings.filter((each) => each.is_asked && !each.mine);
  }

  /** The rule that keys are about: the one that has the focus. @returns {string | null} */
  current() {
    for (const [rule, slot] of this.slots) if (this.frame(slot).contains(document.activeElement)) return rule;
    return null;
  }

  /** What holds a finding with its controls. @param {HTMLElement} slot @returns {HTMLElement} */
  frame(slot) {
    return slot.closest(".finding") || slot;
  }

  /** Go to the finding before or after; of those to say only, when asked. @param {number} by @param {boolean} onlyToSay */
  step(by, onlyToSay) {
    const wanted = onlyToSay ? new Set(this.toSay().map((each) => each.rule_id)) : null;
    const rules = [...this.slots.keys()];
    const at = rules.indexOf(this.current() || this.at || "");
    const order = by > 0 ? [...rules.slice(at + 1), ...rules.slice(0, at + 1)] : [...rules.slice(0, Math.max(at, 0)).reverse()];
    const next = order.find((rule) => !wanted || wanted.has(rule));
    if (next) this.goTo(next);
    else if (onlyToSay) /** @type {HTMLElement | null} */ (this.bar.querySelector(".of-sample:not([hidden]) a"))?.focus();
  }

  /** @param {string} rule */
  goTo(rule) {
    const slot = this.slots.get(rule);
    if (!slot) return;
    this.at = rule;
    const frame = this.frame(slot);
    if (frame instanceof HTMLDetailsElement) frame.open = true;
    const target = frame instanceof HTMLDetailsElement ? frame.querySelector("summary") : frame;
    if (!(target instanceof HTMLElement)) return;
    if (target === frame && !frame.hasAttribute("tabindex")) frame.tabIndex = -1;
    target.focus({ preventScroll: true });
    frame.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} rule */
  edit(rule) {
    const before = this.editing;
    this.editing = rule;
    for (const each of [before, rule]) {
      const slot = each && this.slots.get(each);
      const finding = each && this.finding(each);
      if (slot && finding) this.renderFinding(slot, finding);
    }
    const slot = this.slots.get(rule);
    if (slot) this.frame(slot).setAttribute("open", "");
    slot?.querySelector("textarea")?.focus();
  }

  /** @param {string} rule */
  cancel(rule) {
    this.editing = null;
    const slot = this.slots.get(rule);
    const finding = this.finding(rule);
    if (slot && finding) this.renderFinding(slot, finding);
    this.goTo(rule);
  }

  /** The way back to the list, and the calls beside this one in it. */
  async showPlace() {
    const nav = this.bar.querySelector(".of-list");
    if (!(nav instanceof HTMLElement) || rememberedQuery() === null) return;
    const back = nav.querySelector("a.back");
    if (back instanceof HTMLAnchorElement) back.href = listAddress();
    const place = await placeOf(this.callId).catch(() => null);
    if (!place) return;
    const told = nav.querySelector(".place");
    if (told) told.textContent = filled(this.texts.place, { number: place.number, of: place.of });
    for (const [rel, id] of /** @type {[string, number | null][]} */ ([["prev", place.previous], ["next", place.next]])) {
      const link = nav.querySelector(`a[rel=${rel}]`);
      if (!(link instanceof HTMLAnchorElement) || id === null) continue;
      link.href = `/gesprekken/${id}`;
      link.hidden = false;
    }
  }
}

const bar = document.getElementById("review");
if (bar) new Review(bar).start();
