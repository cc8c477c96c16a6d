// Loads the WebAssembly and hydrates each island separately: if one fails, the error is logged, and its part
// of the page works as without JavaScript.

const file = (name) => document.querySelector(`link[data-client=${name}]`).href;

// Leptos reads streamed resources from these; the pages have none.
globalThis.__RESOLVED_RESOURCES = [];
globalThis.__SERIALIZED_ERRORS = [];
globalThis.__INCOMPLETE_CHUNKS = [];

const client = await import(file("script"));
await client.default({ module_or_path: file("wasm") });
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
