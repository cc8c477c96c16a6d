// Reads the mails of a server that `server.mjs` has started.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import PostalMime from 'postal-mime';

import { mailFolder } from './server.mjs';

const TIMEOUT_MS = 10_000;

/**
 * Returns a function that waits for the next mail to an address with this subject: the oldest that it has not returned
 * yet. A mail has `subject`, `text`, `html` and `link`, which is empty in a mail without one.
 */
export function mailsOf(origin) {
  const folder = mailFolder(new URL(origin).port);
  const returned = new Set();
  return async function mailTo(address, subject, timeout = TIMEOUT_MS) {
    for (const start = Date.now(); Date.now() - start < timeout; ) {
      for (const name of await namesIn(folder)) {
        const mail = returned.has(name) ? undefined : await read(join(folder, name), address);
        if (mail?.subject !== subject) continue;
        returned.add(name);
        return { ...mail, link: linkOf(mail) };
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no mail to ${address}: ${subject}`);
  };
}

/** In the order of time. */
async function namesIn(folder) {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.eml')).sort();
}

async function read(file, address) {
  const source = await readFile(file);
  const { to, subject, text, html } = await PostalMime.parse(source);
  const isRecipient = to?.[0]?.address.toLowerCase() === address.toLowerCase();
  return isRecipient ? { subject, text, html } : undefined;
}

/** It stands alone in a line of the text; the one link of the HTML leads to the same address. */
function linkOf({ subject, text, html }) {
  const [link] = /^https?:\S+$/m.exec(text) ?? [''];
  const links = [...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
  if (links.join() !== link) throw new Error(`“${subject}” leads to ${link}, its HTML to ${links}`);
  return link;
}
