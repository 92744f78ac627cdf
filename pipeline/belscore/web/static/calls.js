// @ts-check
// The list of calls: fields take effect as they are chosen, keys walk through the rows, and the list is remembered so
// that a call's page finds the way back.

import { isShortcut, rememberList } from "./call_list.js";

rememberList(location.search);

// On a phone the list comes first; the filters that are on stand above it.
const more = document.querySelector("#filters details");
if (more instanceof HTMLDetailsElement && matchMedia("(max-width: 46rem)").matches) more.open = false;

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("filters"));
if (form) {
  document.getElementById("apply")?.setAttribute("hidden", "");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form, document.activeElement);
  });
  form.addEventListener("change", (event) => {
    // A day that is being typed changes with every key: it counts when the field is left, or on Enter.
    if (!(event.target instanceof HTMLInputElement && event.target.type === "date")) ask(form, event.target);
  });
  form.addEventListener("focusout", (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement && field.type === "date" && field.value !== field.defaultValue) ask(form);
  });
  const last = sessionStorage.getItem("belscore.field");
  sessionStorage.removeItem("belscore.field");
  if (last) document.getElementById(last)?.focus();
}

/**
 * Go to the list that the form asks for; empty fields stay out of its address.
 * @param {HTMLFormElement} asked @param {EventTarget | null} [field] that has the focus again there
 */
function ask(asked, field) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(asked)) {
    if (typeof value === "string" && value.trim()) fields.append(name, value.trim());
  }
  if (!fields.has("regel")) fields.delete("oordeel");
  if (field instanceof HTMLElement && field.id.startsWith("f-")) sessionStorage.setItem("belscore.field", field.id);
  const query = fields.toString();
  location.assign(query ? `/gesprekken?${query}` : "/gesprekken");
}

const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("#calls tbody th a")]);

document.addEventListener("keydown", (event) => {
  if (!isShortcut(event)) return;
  const at = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
  if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "/") document.getElementById("f-tekst")?.focus();
  else if (event.key === "ArrowRight" || event.key === "n") follow("next");
  else if (event.key === "ArrowLeft" || event.key === "p") follow("prev");
  else return;
  event.preventDefault();
});

/** @param {string} which */
function follow(which) {
  const link = document.querySelector(`a[rel="${which}"]`);
  if (link instanceof HTMLAnchorElement) link.click();
}
