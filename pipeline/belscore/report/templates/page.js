"use strict";
(() => {
  const sound = document.getElementById("sound");
  const timeline = document.getElementById("timeline");
  const now = document.getElementById("now");
  const items = [...document.querySelectorAll("[data-from]")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const move = { behavior: calm ? "auto" : "smooth", block: "center" };
  let playable = false;

  if (sound) {
    const missing = () => {
      playable = false;
      sound.hidden = true;
      document.getElementById("nosound").hidden = false;
    };
    if (sound.error) missing();
    sound.addEventListener("error", missing);
    playable = !sound.error;
    sound.addEventListener("timeupdate", () => show(sound.currentTime, !sound.paused));
  }

  function show(at, follow) {
    if (now) {
      const share = `${Math.min(100, (100 * at) / Number(timeline.dataset.duration))}%`;
      now.setAttribute("x1", share);
      now.setAttribute("x2", share);
      now.setAttribute("visibility", "visible");
    }
    let current = null;
    for (const item of items) {
      const inside = Number(item.dataset.from) <= at + 0.05 && at < Number(item.dataset.to);
      if (inside) current = item;
    }
    for (const item of items) {
      const changed = item === current && !item.classList.contains("now");
      item.classList.toggle("now", item === current);
      if (changed && follow) reveal(item);
    }
    return current;
  }

  // Scrolls the words inside their own column where they have one, and leaves the page where it is.
  function reveal(item) {
    const column = document.getElementById("transcript");
    if (column.scrollHeight > column.clientHeight + 4) {
      const below = item.getBoundingClientRect().top - column.getBoundingClientRect().top;
      column.scrollTo({ top: column.scrollTop + below - column.clientHeight / 3, behavior: move.behavior });
    }
  }

  function seek(at, play) {
    if (playable) {
      sound.currentTime = at;
      if (play) sound.play().catch(() => {});
    }
    const current = show(at, true) || items.findLast((item) => Number(item.dataset.from) <= at);
    if (!current) return;
    current.classList.add("now");
    reveal(current);
    const box = current.getBoundingClientRect();
    if (!play && (box.bottom < 0 || box.top > innerHeight)) current.scrollIntoView(move);
  }

  function open(id) {
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView(move);
    for (const old of document.querySelectorAll(".target")) old.classList.remove("target");
    target.classList.add("target");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#r-']");
    const place = event.target.closest("[data-at]");
    if (link) {
      event.preventDefault();
      const id = link.getAttribute("href").slice(1);
      history.replaceState(null, "", `#${encodeURIComponent(id)}`);
      open(id);
      if (place) seek(Number(place.dataset.at), false);
    } else if (place) {
      seek(Number(place.dataset.at), true);
    } else if (timeline && timeline.contains(event.target)) {
      const box = timeline.getBoundingClientRect();
      seek((Number(timeline.dataset.duration) * (event.clientX - box.left)) / box.width, true);
    }
  });

  open(decodeURIComponent(location.hash.slice(1)));
})();
