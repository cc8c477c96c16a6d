// Starts the server for tests, screenshots and measurements, on a free loopback port with a temporary
// data directory. Its mails are .eml files in the folder `outbox` of that directory: the server writes them, or the
// mail server does that `smtp` starts.
//
// VESTIBULE_BIN and VESTIBULE_HTTP__SITE_ROOT select a build other than the debug build.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { SMTPServer } from 'smtp-server';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BINARY = resolve(process.env.VESTIBULE_BIN ?? join(ROOT, 'target/debug/vestibule'));
export const SITE_ROOT = resolve(process.env.VESTIBULE_HTTP__SITE_ROOT ?? join(ROOT, 'target/site'));

/** A free loopback port. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Uses a host name, since passkeys (WebAuthn) do not work with IP addresses. */
export function originOf(port) {
  return `http://localhost:${port}`;
}

/** The data directory of the server on this port. */
function dataFolder(port) {
  return join(tmpdir(), `vestibule-end2end-${port}`);
}

/** Where the mails of the server on this port are files; their names are in the order of time. */
export function mailFolder(port) {
  return join(dataFolder(port), 'outbox');
}

/** Session lifetimes that a test can wait for. Remembered sessions outlast a test. */
const SHORT_LIVED = {
  VESTIBULE_SESSIONS__IDLE_TIMEOUT: '8s',
  VESTIBULE_SESSIONS__ABSOLUTE_TIMEOUT: '16s',
  VESTIBULE_SESSIONS__REMEMBERED_IDLE_TIMEOUT: '1m',
  VESTIBULE_SESSIONS__REMEMBERED_ABSOLUTE_TIMEOUT: '2m',
  VESTIBULE_SESSIONS__TOUCH_INTERVAL: '1s',
  VESTIBULE_SESSIONS__WARNING: '5s',
  VESTIBULE_SESSIONS__STEP_UP_AFTER: '5s',
};

/** Two wrong passwords for an account, then a delay that a test can wait for; one mail to an address. */
const LIMITED = {
  VESTIBULE_LIMITS__MAILS_TO_BURST: '1',
  VESTIBULE_LIMITS__MAILS_TO_INTERVAL: '1m',
  VESTIBULE_LIMITS__ACCOUNT_ATTEMPTS: '2',
  VESTIBULE_LIMITS__ACCOUNT_DELAY: '4s',
  VESTIBULE_LIMITS__ACCOUNT_MAX_DELAY: '4s',
};

const SETTINGS = { 'short-lived': SHORT_LIVED, limited: LIMITED };

/** Starts the server; stop it with SIGTERM. */
export function startServer(port, settings = {}) {
  if (!existsSync(BINARY)) {
    throw new Error(`${BINARY} is not there: build it with \`cargo leptos build\` first`);
  }
  const data = dataFolder(port);
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  const server = spawn(BINARY, ['serve'], {
    cwd: ROOT,
    env: { ...environment(port), ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return server.once('exit', () => rmSync(data, { recursive: true, force: true }));
}

/** Runs a command of the operator, such as `account list`, beside the server on this port; returns what it prints. */
export async function runCommand(port, args, settings = {}) {
  const env = { ...environment(port), ...settings };
  return (await promisify(execFile)(BINARY, args, { cwd: ROOT, env })).stdout.trim();
}

/** Starts a mail server for the server on this port; `settings` lead to it. */
export async function startMailServer(port) {
  let received = 0;
  const mails = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, callback) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const folder = mailFolder(port);
        const name = String(++received).padStart(6, '0');
        mkdirSync(folder, { recursive: true });
        // Under another name until all of it is there.
        writeFileSync(join(folder, `.${name}`), Buffer.concat(chunks));
        renameSync(join(folder, `.${name}`), join(folder, `${name}.eml`));
        callback();
      });
    },
  });
  await new Promise((resolve) => mails.listen(0, '127.0.0.1', resolve));
  const settings = { VESTIBULE_MAIL__URL: `smtp://127.0.0.1:${mails.server.address().port}` };
  return { settings, close: () => mails.close() };
}

export async function waitUntilReady(origin, server) {
  for (let attempt = 0; attempt < 100 && server.exitCode === null; attempt++) {
    const response = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server did not start');
}

/** Posts a native form (as without JavaScript), and expects that it is accepted. */
export async function post(request, path, form) {
  const headers = { Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' };
  const response = await request.post(path, { form, headers, maxRedirects: 0 });
  if (response.status() !== 303) throw new Error(`${path} responded with ${response.status()}`);
}

/** Drops inherited settings, so that the server never uses a developer's own database. */
function environment(port) {
  const isSetting = ([name]) => name.startsWith('VESTIBULE_') || name.startsWith('LEPTOS_');
  const inherited = Object.entries(process.env).filter((variable) => !isSetting(variable));
  return {
    ...Object.fromEntries(inherited),
    VESTIBULE_PUBLIC_URL: originOf(port),
    VESTIBULE_HTTP__LISTEN: `127.0.0.1:${port}`,
    VESTIBULE_HTTP__SITE_ROOT: SITE_ROOT,
    VESTIBULE_DATA_DIR: dataFolder(port),
    VESTIBULE_LOG: 'warn',
    // All tests come from one address.
    VESTIBULE_LIMITS__REQUESTS_BURST: '0',
    VESTIBULE_LIMITS__SIGN_IN_BURST: '0',
    VESTIBULE_LIMITS__REGISTER_BURST: '0',
    VESTIBULE_LIMITS__ACCOUNT_ATTEMPTS: '0',
    VESTIBULE_LIMITS__MAILS_FROM_BURST: '0',
  };
}

// `node server.mjs PORT [short-lived | limited | smtp]` runs until it is stopped.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port, name] = process.argv.slice(2);
  const settings = name === 'smtp' ? (await startMailServer(port)).settings : SETTINGS[name];
  const server = startServer(port, settings);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
  server.once('exit', (code) => process.exit(code ?? 1));
}
