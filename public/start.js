// Loads the WebAssembly and hydrates the islands of a page, each by itself: one that fails says so on the
// console, and its part of the page goes on as it does without JavaScript.

const file = (name) => document.querySelector(`link[data-client=${name}]`).href;

// What Leptos would read streamed resources from; these pages have none.
globalThis.__RESOLVED_RESOURCES = [];
globalThis.__SERIALIZED_ERRORS = [];
globalThis.__INCOMPLETE_CHUNKS = [];

const client = await import(file("script"));
await client.default({ module_or_path: file("wasm") });
client.hydrate();

for (const island of document.querySelectorAll("leptos-island")) {
  try {
    // The context of the island around it, if it is a child of one.
    island.parentElement.closest("leptos-children")?.$$on_hydrate?.();
    client[island.dataset.component](island);
    island.dataset.hydrated = "";
  } catch (error) {
    console.error(`${island.dataset.component} was not hydrated`, error);
    client.hydrate(); // leaves nothing of it behind for the next
  }
}
