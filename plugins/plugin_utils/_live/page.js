"use strict";
(() => {
  const services = [...document.querySelectorAll("details")];
  const find = document.querySelector(".find");
  const text = document.getElementById("text");
  const only = document.getElementById("only");
  const count = document.getElementById("count");
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of services) {
      const there = one.dataset.find;
      one.hidden = !words.every((word) => there.includes(word)) || (only.checked && one.dataset.state === "good");
      shown += one.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${services.length} services`;
  };
  const fold = (open) => () => services.forEach((one) => { if (!one.hidden) one.open = open; });
  if (find) {
    find.hidden = false;
    text.addEventListener("input", filter);
    only.addEventListener("change", filter);
    document.getElementById("unfold").addEventListener("click", fold(true));
    document.getElementById("fold").addEventListener("click", fold(false));
    filter();
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = services.filter((one) => !one.open && !one.hidden);
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
  const ago = (seconds) => {
    const [size, unit] = seconds < 120 ? [1, "s"] : seconds < 7200 ? [60, "min"] : seconds < 172800 ? [3600, "h"] : [86400, "days"];
    return `${Math.floor(seconds / size)} ${unit} ago`;
  };
  const age = document.getElementById("age");
  const old = document.getElementById("old");
  const tick = () => {
    const seconds = Math.max(0, (Date.now() - Date.parse(age.dataset.at)) / 1000);
    age.textContent = `(${ago(seconds)})`;
    old.hidden = seconds < Number(old.dataset.after);
  };
  tick();
  setInterval(tick, 1000);
})();
