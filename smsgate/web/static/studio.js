// The studio without waiting: files that are dropped or pasted, tunes that play, octets explained.
"use strict";

const form = document.getElementById("studio");
const file = document.getElementById("file");
const text = document.getElementById("text");
document.documentElement.classList.add("script");

function from(origin) {
  form.querySelector("input[name=from]").value = origin;
}

function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

// --- The source ---------------------------------------------------------------------------------

form.addEventListener("input", (event) => {
  if (event.target === file) {
    from("file");
    text.value = "";
  } else if (event.target === text) {
    from("text");
  } else if (event.target.id === "tune-notes") {
    from("notes");
  }
  const number = document.getElementById(event.target.dataset.for);
  if (number) number.value = event.target.value;
});

function take(files) {
  if (!files.length) return false;
  const given = new DataTransfer();
  given.items.add(files[0]);
  file.files = given.files;
  changed(file);
  return true;
}

// A file is sent once; the page has its key from then on.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt === form && event.detail.successful) file.value = "";
});

let depth = 0;
function dropping(change) {
  depth = Math.max(0, depth + change);
  document.documentElement.classList.toggle("dropping", depth > 0);
}
document.addEventListener("dragenter", () => dropping(1));
document.addEventListener("dragleave", () => dropping(-1));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  dropping(-depth);
  if (take(event.dataTransfer.files)) return;
  text.value = event.dataTransfer.getData("text/plain");
  changed(text);
});

document.addEventListener("paste", (event) => {
  if (take(event.clipboardData.files)) {
    event.preventDefault();
  } else if (!event.target.closest("input, textarea")) {
    text.value = event.clipboardData.getData("text/plain");
    changed(text);
  }
});

// --- Tunes --------------------------------------------------------------------------------------

function follow(audio) {
  const roll = document.getElementById("roll");
  if (!roll || !audio.isConnected) return;
  const cursor = roll.querySelector(".cursor");
  const left = Number(roll.dataset.left) + audio.currentTime * Number(roll.dataset.second);
  cursor.hidden = audio.paused && !audio.currentTime;
  cursor.style.left = `${left}px`;
  if (left < roll.scrollLeft || left > roll.scrollLeft + roll.clientWidth - 20) {
    roll.scrollLeft = Math.max(0, left - 40);
  }
  if (!audio.paused) requestAnimationFrame(() => follow(audio));
}

for (const name of ["play", "seeked", "ended", "pause"]) {
  document.addEventListener(name, (event) => follow(event.target), true);
}

document.addEventListener("click", (event) => {
  const { play, stop } = event.target.dataset;
  const audio = document.getElementById(play || stop || "");
  if (!audio) return;
  if (play) {
    audio.play();
  } else {
    audio.pause();
    audio.currentTime = 0;
  }
});

// --- Octets -------------------------------------------------------------------------------------

function explain(event) {
  const field = event.target.closest && event.target.closest(".field");
  if (field) field.closest(".explained").querySelector(".about").textContent = field.title;
}
document.addEventListener("mouseover", explain);
document.addEventListener("focusin", explain);
document.addEventListener("click", (event) => {
  const field = event.target.closest(".field");
  if (field) field.closest(".explained").querySelector("details").open = true;
});
