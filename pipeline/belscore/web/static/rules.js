// @ts-check
// The search box of the rules works as it is typed in; / goes to it.

import { isShortcut } from "./call_list.js";

const box = /** @type {HTMLInputElement | null} */ (document.getElementById("zoek"));
const told = document.getElementById("found");
const rules = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-told]")]);

box?.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const rule of rules) {
    rule.hidden = !words.every((word) => rule.dataset.told?.includes(word));
    if (!rule.hidden) count += 1;
  }
  for (const section of document.querySelectorAll(".rule-section")) {
    if (section instanceof HTMLElement) section.hidden = !section.querySelector("li:not([hidden])");
  }
  if (told) told.textContent = (told.dataset.found || "").replace("{count}", String(count));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || !isShortcut(event)) return;
  event.preventDefault();
  box?.focus();
});
