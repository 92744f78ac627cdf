// @ts-check
// A report that is still to be made comes into its page when it is there.

const place = document.getElementById("report");
const from = place?.dataset.from;

if (place && from) {
  try {
    const answer = await fetch(from);
    if (!answer.ok) throw new Error(String(answer.status));
    place.innerHTML = await answer.text();
  } catch {
    const told = document.getElementById("making");
    if (told) {
      told.textContent = told.dataset.failed || "";
      told.className = "notice bad";
    }
  }
  place.removeAttribute("aria-busy");
}

const form = document.getElementById("filters");
form?.addEventListener("formdata", (event) => {
  // Empty fields stay out of the address.
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});
