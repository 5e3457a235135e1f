/** How much of a file has been sent, on forms marked data-upload. Without script the browser says it. */
export function watchUploads(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
}

/** Send the form as the browser would, telling the bar; the answer's page is then gone to. */
function send(form: HTMLFormElement): void {
  const bar = form.querySelector("progress");
  const request = new XMLHttpRequest();
  const body = new FormData(form);
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  if (bar) bar.hidden = false;
  request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
    if (bar && lengthComputable) bar.value = loaded / total;
  });
  request.addEventListener("load", () => {
    if (request.responseURL && request.responseURL !== location.href) location.assign(request.responseURL);
    else show(request.responseText);
  });
  request.addEventListener("error", () => {
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    if (bar) bar.hidden = true;
    document.dispatchEvent(new CustomEvent("htmx:sendError"));
  });
  request.open("POST", form.action || location.href);
  request.send(body);
}

/** The same page again, with its errors. */
function show(html: string): void {
  const page = new DOMParser().parseFromString(html, "text/html");
  const content = page.querySelector("#content");
  const here = document.querySelector("#content");
  if (content && here) here.replaceWith(content);
  watchUploads();
}
