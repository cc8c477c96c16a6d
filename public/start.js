// Loads the WebAssembly and hydrates each island separately: if one fails, the error is logged, and its part
// of the page works as without JavaScript.

const file = (name) => document.querySelector(`link[data-client=${name}]`).href;

// Leptos reads streamed resources from these; the pages have none.
globalThis.__RESOLVED_RESOURCES = [];
globalThis.__SERIALIZED_ERRORS = [];
globalThis.__INCOMPLETE_CHUNKS = [];

const client = await load();
client.hydrate();

for (const island of document.querySelectorAll("leptos-island")) {
  try {
    // Provides the context of the enclosing island, if there is one.
    island.parentElement.closest("leptos-children")?.$$on_hydrate?.();
    client[island.dataset.component](island);
    island.dataset.hydrated = "";
  } catch (error) {
    console.error(`${island.dataset.component} was not hydrated`, error);
    client.hydrate(); // resets the state that the failed hydration has left
  }
}

// The document and the two files must be of the same release. While a new one is rolled out they may come from
// different servers; another attempt gets those that fit.
async function load() {
  try {
    const client = await import(file("script"));
    await client.default({ module_or_path: file("wasm") });
    const islands = [...document.querySelectorAll("leptos-island")];
    if (islands.every(({ dataset }) => client[dataset.component])) mayReloadAgain();
    else reloadOnce();
    return client;
  } catch (error) {
    reloadOnce();
    throw error;
  }
}

// Not if something would be lost: what was typed, or a message that is shown once. If another attempt does not help,
// the page stays as it is.
function reloadOnce() {
  const fields = [...document.querySelectorAll("input, textarea")];
  const untouched = fields.every((field) =>
    field.type === "checkbox" ? field.checked === field.defaultChecked : field.value === field.defaultValue,
  );
  const message = document.querySelector(".note, .form-error:not([hidden]), [aria-invalid=true]");
  try {
    if (!sessionStorage.getItem("reloaded") && untouched && !message) {
      sessionStorage.setItem("reloaded", "once");
      location.reload();
    }
  } catch {} // the browser keeps nothing for this site: it would reload for ever
}

function mayReloadAgain() {
  try {
    sessionStorage.removeItem("reloaded");
  } catch {}
}
