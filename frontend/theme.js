// Runs before the first paint, so that a dark page never flashes white.
const kept = localStorage.getItem("theme");
const theme = kept ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.documentElement.setAttribute("data-bs-theme", theme);
