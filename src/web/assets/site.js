// What scripts add to pages that work without them.
"use strict";

// A word on what was done goes after a while, and from the address at once: a reload says nothing.
const toast = document.querySelector(".toast");
if (toast) {
  const here = new URL(location.href);
  here.searchParams.delete("done");
  history.replaceState(history.state, "", here);
  setTimeout(() => toast.classList.add("gone"), 4000);
}

// A form that is on its way is not sent again by a second click (the server would do it once too).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  // Whoever stops it, or waits in vain, may send it again: the server does it once all the same.
  setTimeout(() => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }, 5000);
});
// A page that the browser shows again from memory can be sent again: under its old key.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// A menu closes when one clicks elsewhere or presses Escape.
const closeMenus = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu !== except && (menu.open = false));
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
  // "/" goes to the search box, as in most tools with one.
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("search")?.focus();
  }
});

// "All" boxes of tables: data-all names the boxes that follow them.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.all;
  if (!name) return;
  const boxes = event.target.form?.elements[name];
  const list = boxes instanceof RadioNodeList ? [...boxes] : boxes ? [boxes] : [];
  list.forEach((box) => (box.checked = event.target.checked));
});

// A filter that is chosen is applied at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-instant] :is(select, input[type=checkbox], input[type=radio])")) {
    event.target.form.requestSubmit();
  }
});

// Whoever prints gets everything, what is folded too.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("main details:not([open])")];
  folded.forEach((details) => (details.open = true));
});
addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

// A form that is on its way is not saved by itself as well.
document.addEventListener("htmx:beforeRequest", (event) => {
  const saves = event.target.getAttribute?.("hx-include");
  const form = saves ? document.querySelector(saves) : event.target.closest?.("form");
  if (form?.dataset.sent) event.preventDefault();
});
// What saves itself says so when it could not.
for (const failed of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failed, (event) => {
    const part = event.target;
    if (part.dataset?.failed) part.textContent = part.dataset.failed;
    // A button that could not change a part of the page sends its form whole: to sign in, say.
    else if (part.matches?.("button[hx-post]")) {
      part.removeAttribute("hx-post");
      part.form?.requestSubmit(part);
    }
  });
}

// Suggestions under the search box (WAI-ARIA combobox): arrows choose, Enter goes there, Escape closes.
const box = document.getElementById("search");
const suggestions = document.getElementById("suggestions");
if (box && suggestions) {
  let chosen = -1;
  const choices = () => [...suggestions.querySelectorAll("[role=option]")];
  const choose = (at) => {
    const all = choices();
    chosen = all.length && at >= -1 ? Math.min(at, all.length - 1) : -1;
    all.forEach((choice, place) => choice.setAttribute("aria-selected", place === chosen));
    if (chosen < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };
  const open = (isOpen) => {
    suggestions.hidden = !isOpen;
    box.setAttribute("aria-expanded", isOpen);
    choose(-1);
  };
  suggestions.addEventListener("htmx:afterSwap", () => {
    open(document.activeElement === box && box.value.trim() !== "" && choices().length > 0);
  });
  box.addEventListener("keydown", (event) => {
    // What an input method takes is not ours.
    if (event.isComposing) return;
    const all = choices();
    if (event.key === "Escape" && !suggestions.hidden) open(false);
    else if (event.key === "Enter" && chosen >= 0) all[chosen].click();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      if (suggestions.hidden) open(true);
      const next = chosen + (event.key === "ArrowDown" ? 1 : -1);
      choose(next >= all.length ? -1 : next < -1 ? all.length - 1 : next);
    } else return;
    event.preventDefault();
  });
  box.form.addEventListener("focusout", (event) => {
    if (!box.form.contains(event.relatedTarget)) open(false);
  });
  // A press on a suggestion leaves the focus where it is, so that the list stays until the click.
  suggestions.addEventListener("mousedown", (event) => event.preventDefault());
}

// What is left until a time, by the server's clock: it said what time it was when it wrote the page.
const countdowns = [...document.querySelectorAll(".countdown[data-until][data-now]")];
if (countdowns.length) {
  const loaded = Date.now();
  const words = (seconds) => {
    const [days, hours, minutes] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
    if (days) return `${days} 天 ${hours} 小时 ${minutes} 分`;
    return hours ? `${hours} 小时 ${minutes} 分 ${seconds % 60} 秒` : `${minutes} 分 ${seconds % 60} 秒`;
  };
  const tick = () => {
    const passed = Date.now() - loaded;
    for (const place of countdowns) {
      const left = Math.ceil((place.dataset.until - place.dataset.now - passed) / 1000);
      place.textContent = left > 0 ? words(left) : "已截止";
    }
  };
  tick();
  setInterval(tick, 1000);
}

// Buttons that copy an address of this site.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    button.textContent = "已复制";
  });
}
