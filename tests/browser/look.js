"use strict";
// What is wrong with the page that is shown; an empty list each where nothing is.
const look = {
  // Elements that reach beyond the window, but for what is there for who hears the page.
  wider() {
    const width = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll("body *")].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width && (box.right > width + 1 || box.left < -1) && !one.closest("thead");
    });
    return out.map((one) => one.outerHTML.slice(0, 120));
  },
  // Text of the picture that is wider than the box that it is in.
  outOfBox() {
    const boxes = [...document.querySelectorAll("svg g")].filter((one) => one.getBoundingClientRect().width);
    return boxes.flatMap((one) => {
      const box = one.querySelector("rect").getBoundingClientRect();
      return [...one.querySelectorAll("text")]
        .filter((text) => text.getBoundingClientRect().right > box.right + 0.5)
        .map((text) => text.textContent);
    });
  },
  // Sentences whose pieces, such as a time, have become columns.
  columns() {
    const out = [...document.querySelectorAll("main *")].filter(
      (one) =>
        /flex|grid/.test(getComputedStyle(one).display) &&
        one.childNodes.length > 1 &&
        [...one.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim()),
    );
    return out.map((one) => one.outerHTML.slice(0, 120));
  },
  // Pairs of texts that lie over each other.
  over() {
    const boxes = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node && boxes.length < 2000; node = walker.nextNode()) {
      const parent = node.parentElement;
      const text = node.textContent.trim();
      if (!text || parent.closest("thead, title, script, style, details:not([open]) > .more") || !parent.checkVisibility())
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 1) boxes.push({ box, text });
    }
    boxes.sort((one, other) => one.box.top - other.box.top);
    const found = [];
    boxes.forEach(({ box, text }, number) => {
      for (const other of boxes.slice(number + 1)) {
        if (other.box.top >= box.bottom - 3) break;
        if (other.box.left < box.right - 2 && box.left < other.box.right - 2 && other.box.bottom > box.top + 3)
          found.push([text, other.text]);
      }
    });
    return found;
  },
  async violations() {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map(
      (one) => `${one.id}: ${one.help}, ${one.nodes.length} times: ${one.nodes[0].html.slice(0, 200)}`,
    );
  },
};
