// What all pages share: each request of a script carries the page's token, and a form that asks
// to be confirmed is.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("meta[name=csrf]");
  if (token) event.detail.headers["X-CSRF-Token"] = token.content;
});

// An answer that worked takes the problem of the one before away.
document.addEventListener("htmx:afterRequest", (event) => {
  const problem = document.getElementById("problem");
  if (event.detail.successful && problem) problem.replaceChildren();
});

document.addEventListener("htmx:sendError", () => {
  const problem = document.getElementById("problem");
  const line = document.createElement("p");
  line.className = "bad";
  line.textContent = document.body.dataset.away;
  if (problem) problem.replaceChildren(line);
});

// A live part that ends for good: if the log-in has ended, the page leads to it.
document.addEventListener("htmx:sseError", async (event) => {
  if (event.detail.source.readyState !== EventSource.CLOSED) return;
  try {
    const answer = await fetch(location.href, {
      method: "HEAD", redirect: "manual", headers: { Accept: "text/html" },
    });
    if (answer.type === "opaqueredirect") location.reload();
  } catch {
    // The server is away; the stream tries again.
  }
});
