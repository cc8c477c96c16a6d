// Weighs what a first visit loads: opens pages of the release build in a real browser with an empty cache
// and prints each file that came, as it is, in brotli and in gzip. Then, what is shipped and not loaded.
//
// Fails above the budget, if a file of the site came twice or not in brotli, and if the browser's console
// warned.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { chromium } from '@playwright/test';

import { launchOptions } from './browser.mjs';
import { freePort, originOf, post, ready, SITE_ROOT, startServer } from './server.mjs';

/** The most that a first visit to /login may load, in bytes of brotli; 60,000 is what we aim at. */
const MAX_LOGIN_BYTES = 80_000;

/** Chromium warns of a preload that nothing used within 3 s after the load event. */
const PRELOAD_WARNING_MS = 4_000;

const ADA = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'violet anchor seldom' };

const problems = [];
const loaded = new Set();
const origin = originOf(await freePort());
const server = startServer(Number(new URL(origin).port));
const browser = await chromium.launch(launchOptions);
try {
  await ready(origin, server);
  const login = await weigh('/login');
  await weigh('/register');
  await weigh('/', (context) => post(context.request, '/api/register', ADA));
  printShipped();
  if (login > MAX_LOGIN_BYTES) {
    problems.push(
      `A first visit to /login loads ${bytes(login)} bytes of brotli, the budget is ${bytes(MAX_LOGIN_BYTES)}.`,
    );
  }
} finally {
  await browser.close();
  server.kill('SIGTERM');
}
for (const problem of problems) console.error(`weigh: ${problem}`);
process.exitCode = problems.length ? 1 : 0;

/** Opens a page in a fresh browser, prints what it loads, and returns the total in brotli. */
async function weigh(path, prepare = () => {}) {
  const context = await browser.newContext({ baseURL: origin });
  await prepare(context);
  const page = await context.newPage();
  const requests = [];
  page.on('request', (request) => requests.push(request));
  page.on('pageerror', (error) => problems.push(`${path}: ${error}`));
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) problems.push(`${path}: ${message.text()}`);
  });
  await page.goto(path);
  if (new URL(page.url()).pathname !== path) throw new Error(`${path} led to ${page.url()}`);
  await page.waitForTimeout(PRELOAD_WARNING_MS);
  if (!(await page.locator('[data-hydrated]').count())) problems.push(`${path}: nothing hydrated.`);
  const files = await Promise.all(requests.filter(isFile).map(weighFile));
  await context.close();
  check(path, files);
  return print(path, files);
}

/** The stream of session events never ends, and is no file. */
function isFile(request) {
  return new URL(request.url()).origin === origin && request.resourceType() !== 'eventsource';
}

async function weighFile(request) {
  const response = await request.response();
  const { pathname, search } = new URL(request.url());
  loaded.add(pathname);
  // The browser does not hand out the body of a preload.
  const built = builtFile(pathname);
  const body = built ?? (await response.body());
  const precompressed = { br: builtFile(`${pathname}.br`), gzip: builtFile(`${pathname}.gz`) };
  const size = {
    raw: body.length,
    brotli: (precompressed.br ?? brotliCompressSync(body)).length,
    gzip: (precompressed.gzip ?? gzipSync(body, { level: 9 })).length,
  };
  const encoding = await response.headerValue('content-encoding');
  return {
    name: `${request.method()} ${pathname}${search}`,
    type: request.resourceType(),
    ...size,
    sent: { br: size.brotli, gzip: size.gzip }[encoding] ?? size.raw,
    encoding: encoding ?? 'uncompressed',
    isBuilt: built !== undefined,
  };
}

/** A file of the site as it was built, if there is one. */
function builtFile(pathname) {
  const file = join(SITE_ROOT, pathname);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
}

function check(path, files) {
  const names = files.map((file) => file.name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  for (const name of repeated) problems.push(`${path}: ${name} was requested more than once.`);
  for (const { name, isBuilt, encoding } of files)
    if (isBuilt && encoding !== 'br') problems.push(`${path}: ${name} came ${encoding}, not in brotli.`);
}

function print(path, files) {
  const sum = (column) => files.reduce((total, file) => total + file[column], 0);
  const sums = { raw: sum('raw'), brotli: sum('brotli'), gzip: sum('gzip'), sent: sum('sent') };
  const rows = [...files, { name: 'total', type: '', ...sums, encoding: '' }].map((file) => [
    file.name,
    file.type,
    ...[file.raw, file.brotli, file.gzip, file.sent].map(bytes),
    file.encoding,
  ]);
  table([[path, 'type', 'raw', 'brotli', 'gzip', 'sent', 'as'], ...rows]);
  return sums.brotli;
}

/** What is deployed: the server, and the files that no page above asked for. */
function printShipped() {
  const files = readdirSync(SITE_ROOT, { recursive: true }).map((name) => `/${name}`).filter(builtFile);
  const unused = files.filter((file) => !loaded.has(file.replace(/\.(br|gz)$/, ''))).sort();
  const rows = unused.map((file) => [`not loaded: ${file}`, bytes(builtFile(file).length)]);
  table([['shipped', 'bytes'], [server.spawnfile, bytes(statSync(server.spawnfile).size)], ...rows]);
}

function bytes(number) {
  return number.toLocaleString('en');
}

/** Prints rows of text in columns, numbers to the right. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumber = (text) => /^[\d,]+$/.test(text);
  for (const row of rows) {
    const cells = row.map((text, column) => (isNumber(text) ? text.padStart : text.padEnd).call(text, widths[column]));
    console.log(cells.join('  ').trimEnd());
  }
  console.log();
}
