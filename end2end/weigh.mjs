// Measures the download size of a first visit: opens pages of the release build in a browser with an empty
// cache and prints the size of each file, uncompressed, in brotli and in gzip. Then it prints the files that
// are deployed but were not loaded.
//
// Fails if the budget is exceeded, a file is requested twice or served without brotli, or the browser console
// has warnings.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { chromium } from '@playwright/test';

import { launchOptions } from './browser.mjs';
import { freePort, originOf, post, SITE_ROOT, startServer, waitUntilReady } from './server.mjs';

/** Budget of a first visit to /login, in bytes of brotli; the goal is 60,000. */
const MAX_LOGIN_BYTES = 80_000;

/** Chromium warns about unused preloads 3 s after the load event. */
const PRELOAD_WARNING_MS = 4_000;

const ADA = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'violet anchor seldom' };

const problems = [];
const loaded = new Set();
const origin = originOf(await freePort());
const server = startServer(Number(new URL(origin).port));
const browser = await chromium.launch(launchOptions);
try {
  await waitUntilReady(origin, server);
  const login = await measure('/login');
  await measure('/register');
  await measure('/', (context) => post(context.request, '/api/register', ADA));
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

/** Opens a page in a new browser context, prints the files it loads, and returns the total in brotli. */
async function measure(path, prepare = () => {}) {
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
  if (new URL(page.url()).pathname !== path) throw new Error(`${path} redirected to ${page.url()}`);
  await page.waitForTimeout(PRELOAD_WARNING_MS);
  if (!(await page.locator('[data-hydrated]').count())) problems.push(`${path}: no island was hydrated.`);
  const files = await Promise.all(requests.filter(isFile).map(measureFile));
  await context.close();
  check(path, files);
  return print(path, files);
}

/** Not the stream of session events. */
function isFile(request) {
  return new URL(request.url()).origin === origin && request.resourceType() !== 'eventsource';
}

async function measureFile(request) {
  const response = await request.response();
  const { pathname, search } = new URL(request.url());
  loaded.add(pathname);
  // Playwright cannot read the body of a preload.
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

/** The file in the site root, if it exists. */
function builtFile(pathname) {
  const file = join(SITE_ROOT, pathname);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
}

function check(path, files) {
  const names = files.map((file) => file.name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  for (const name of repeated) problems.push(`${path}: ${name} was requested more than once.`);
  for (const { name, isBuilt, encoding } of files)
    if (isBuilt && encoding !== 'br') problems.push(`${path}: ${name} was sent as ${encoding}, not in brotli.`);
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

/** The size of the server, and of the files that no page has loaded. */
function printShipped() {
  const files = readdirSync(SITE_ROOT, { recursive: true }).map((name) => `/${name}`).filter(builtFile);
  const unused = files.filter((file) => !loaded.has(file.replace(/\.(br|gz)$/, ''))).sort();
  const rows = unused.map((file) => [`not loaded: ${file}`, bytes(builtFile(file).length)]);
  table([['shipped', 'bytes'], [server.spawnfile, bytes(statSync(server.spawnfile).size)], ...rows]);
}

function bytes(number) {
  return number.toLocaleString('en');
}

/** Prints rows in columns, with numbers aligned to the right. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumber = (text) => /^[\d,]+$/.test(text);
  for (const row of rows) {
    const cells = row.map((text, column) => (isNumber(text) ? text.padStart : text.padEnd).call(text, widths[column]));
    console.log(cells.join('  ').trimEnd());
  }
  console.log();
}
