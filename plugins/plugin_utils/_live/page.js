"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const services = () => [...document.querySelectorAll("details")];
  const filter = () => {
    const find = document.querySelector(".find");
    if (!find) return;
    const words = by("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of services()) {
      const there = one.dataset.find;
      one.hidden = !words.every((word) => there.includes(word)) || (by("only").checked && one.dataset.state === "good");
      shown += one.hidden ? 0 : 1;
    }
    const count = `${shown} of ${services().length} services`;
    if (by("count").textContent !== count) by("count").textContent = count;
  };
  const fold = (open) => () => services().forEach((one) => { if (!one.hidden) one.open = open; });
  const find = document.querySelector(".find");
  if (find) {
    find.hidden = false;
    by("text").addEventListener("input", filter);
    by("only").addEventListener("change", filter);
    by("unfold").addEventListener("click", fold(true));
    by("fold").addEventListener("click", fold(false));
    filter();
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = services().filter((one) => !one.open && !one.hidden);
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
  const ago = (seconds) => {
    const [size, unit] = seconds < 120 ? [1, "s"] : seconds < 7200 ? [60, "min"] : seconds < 172800 ? [3600, "h"] : [86400, "days"];
    return `${Math.floor(seconds / size)} ${unit} ago`;
  };
  const tick = () => {
    const age = by("age");
    const old = by("old");
    const seconds = Math.max(0, (Date.now() - Date.parse(age.dataset.at)) / 1000);
    age.textContent = `(${ago(seconds)})`;
    old.hidden = seconds < Number(old.dataset.after);
  };
  tick();
  setInterval(tick, 1000);
  // A newer page takes the place of this one, part by part: what was found, unfolded or read stays where it is.
  const take = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    if (!next.getElementById("age") || next.getElementById("age").dataset.at === by("age").dataset.at) return;
    const open = new Map(services().map((one) => [one.dataset.find, one.open]));
    for (const part of document.querySelectorAll("[data-part]")) {
      const newer = next.getElementById(part.id);
      if (newer) part.replaceChildren(...newer.childNodes);
    }
    for (const one of services()) if (open.has(one.dataset.find)) one.open = open.get(one.dataset.find);
    document.title = next.title;
    filter();
    tick();
  };
  const every = Number(document.body.dataset.refresh);
  if (every > 0) {
    setInterval(async () => {
      try {
        const answer = await fetch(location.href, { cache: "no-store" });
        if (answer.ok) take(await answer.text());
      } catch {
        // Nobody answers any more: the page says how old it is.
      }
    }, every * 1000);
  }
})();
