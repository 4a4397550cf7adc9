// Says so when what lives on a page is no longer up to date. A stream that ends in order begins
// again within seconds, which is not worth a word.
const note = document.querySelector(".updates");
const words = note?.querySelector("span");
const usual = words?.textContent;

function tell(isAway) {
  if (!words || note.classList.contains("away") === isAway) return;
  note.classList.toggle("away", isAway);
  words.textContent = isAway ? note.dataset.away : usual;
}

// A form that was sent is not sent a second time; who comes back to it may change it.
function enable(form, isOn) {
  for (const one of form.querySelectorAll("button")) one.disabled = !isOn;
}

document.addEventListener("submit", ({ target }) => {
  if (target.method === "post") setTimeout(enable, 0, target, false);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) enable(form, true);
});

let timer = 0;
document.addEventListener("htmx:sseError", () => {
  timer ||= setTimeout(tell, 6000, true);
});
document.addEventListener("htmx:sseOpen", () => {
  clearTimeout(timer);
  timer = 0;
  tell(false);
});
