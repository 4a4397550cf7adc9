// The inbox: a live part is replaced only if it changed, and stays as open as it was; a tone has
// one button.

let open = [];

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const sent = /data-version="(\w+)"/.exec(event.detail.data);
  const shown = event.target.querySelector("[data-version]");
  if (sent && shown && shown.dataset.version === sent[1]) event.preventDefault();
  else open = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
});

document.addEventListener("htmx:sseMessage", (event) => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  tones(event.target);
});

// The button of a tag that was removed is gone: go on at the field for tags.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.path.endsWith("/untag")) document.getElementById("tag")?.focus();
});

function tones(root) {
  for (const tone of root.querySelectorAll(".tone")) {
    const audio = tone.querySelector("audio");
    const button = document.createElement("button");
    button.type = "button";
    const say = () => { button.textContent = audio.paused ? tone.dataset.play : tone.dataset.stop; };
    button.addEventListener("click", () => {
      if (audio.paused) audio.play();
      else {
        audio.pause();
        audio.currentTime = 0;
      }
    });
    for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, say);
    say();
    tone.prepend(button);
  }
}

tones(document);
