// What every page can do: htmx without eval, Alpine's CSP build, Tabler's menus, and the small manners below.
import "@tabler/core/dist/js/tabler.esm.js";
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "2..", swap: true },
  { code: "422", swap: true }, // a form that comes back with its mistakes
  { code: "...", swap: false, error: true },
];
window.htmx = htmx;
window.Alpine = Alpine;

const root = document.documentElement;

function showTheme() {
  const isDark = root.getAttribute("data-bs-theme") === "dark";
  for (const button of document.querySelectorAll("[data-theme-switch]")) button.setAttribute("aria-pressed", String(isDark));
}

function switchTheme() {
  const theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
  root.setAttribute("data-bs-theme", theme);
  localStorage.setItem("theme", theme);
  showTheme();
}

// Says something for a moment in the corner; server messages already stand there when the page opens.
function toast(text, kind = "info") {
  const shape = document.getElementById("toast-shape");
  const box = shape.content.firstElementChild.cloneNode(true);
  box.dataset.kind = kind;
  box.querySelector("[data-text]").textContent = text;
  document.getElementById("toasts").append(box);
}

function writes(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-theme-switch], [data-opens], [data-closes], [data-dismisses], [data-prints], [data-search]");
  if (!target) return;
  if (target.matches("[data-theme-switch]")) switchTheme();
  if (target.matches("[data-opens]")) document.getElementById(target.dataset.opens).showModal();
  if (target.matches("[data-closes]")) target.closest("dialog").close();
  if (target.matches("[data-dismisses]")) target.closest("[data-toast]").remove();
  if (target.matches("[data-prints]")) window.print();
  if (target.matches("[data-search]")) document.getElementById("search").focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
  const search = document.getElementById("search");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// A button that was pressed once waits for its answer: a slow network makes no second request.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  const setAll = (isOff) => form.querySelectorAll("button[type=submit]").forEach((button) => (button.disabled = isOff));
  setTimeout(setAll, 0, true); // later, because a disabled button's own name and value would not be sent
  setTimeout(setAll, 10_000, false); // an answer that was a download leaves the page standing
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("button[type=submit]").forEach((button) => (button.disabled = false));
});

document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.kind));
document.addEventListener("htmx:responseError", () => toast(document.getElementById("toasts").dataset.error, "error"));
document.addEventListener("htmx:sendError", () => toast(document.getElementById("toasts").dataset.offline, "error"));

showTheme();
document.addEventListener("DOMContentLoaded", () => Alpine.start()); // after the page's own Alpine.data()
