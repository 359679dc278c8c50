// Swagger UI with the OpenAPI document of this server. Nothing is loaded from other hosts: no validator badge, no fonts.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// Adds missing accessible names to fields of Swagger UI.
const NAMES = { "#servers": "Where the API begins", ".examples-select-element": "Example", ".body-param__text": "Body" };
new MutationObserver(() => {
  for (const [field, name] of Object.entries(NAMES)) {
    for (const node of document.querySelectorAll(`#docs ${field}:not([aria-label])`)) node.setAttribute("aria-label", name);
  }
}).observe(document.getElementById("docs"), { childList: true, subtree: true });

const ADDRESS = "/openapi.json";

function show(token) {
  const ui = SwaggerUIBundle({
    url: ADDRESS,
    dom_id: "#docs",
    tryItOutEnabled: true,
    validatorUrl: null,
    syntaxHighlight: { theme: "obsidian" },
    requestInterceptor(request) {
      if (token && request.loadSpec) request.headers.Authorization = token;
      return request;
    },
    onComplete: () => token && ui.preauthorizeApiKey("token", token),
  });
}

// If the server requires a token, so does the document. Uses the storefront's token, if this tab has one.
const KEY = "atelier.token";
const form = document.getElementById("ask");
const said = document.getElementById("said");

async function admitted(token) {
  try {
    const { status } = await fetch(ADDRESS, { headers: { Authorization: token } });
    if (status !== 401) return true;
    said.textContent = "That token is not accepted. Is it complete?";
  } catch {
    said.textContent = "The server was not reached with that token.";
  }
  return false;
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = form.elements.token.value.trim();
  if (!(await admitted(token))) return;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(token));
  } catch {
    // Storage is not available: the token is not saved.
  }
  form.hidden = true;
  show(token);
});

async function start() {
  if (!("token" in document.documentElement.dataset)) return show(null);
  const token = kept();
  if (token && (await admitted(token))) return show(token);
  form.hidden = false;
  form.elements.token.focus();
}
start();
