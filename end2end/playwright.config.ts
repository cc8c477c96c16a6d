import { defineConfig, devices } from '@playwright/test';

import { launchOptions } from './browser.mjs';
import { freePort, originOf } from './server.mjs';

// Workers load this file again and inherit the ports from the environment.
process.env.END2END_PORT ??= String(await freePort());
process.env.END2END_SHORT_LIVED_PORT ??= String(await freePort());
process.env.END2END_LIMITED_PORT ??= String(await freePort());
process.env.END2END_SMTP_PORT ??= String(await freePort());
const port = process.env.END2END_PORT;

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  // Shared machines stall now and then, and some tests measure time. A test that needs the second attempt is reported
  // as flaky, one that fails twice fails.
  retries: 1,
  forbidOnly: !!process.env.CI,
  reporter: 'list',
  expect: { timeout: 10_000 },
  use: {
    ...devices['Desktop Chrome'],
    baseURL: originOf(port),
    launchOptions,
    locale: 'en-GB',
    // Screenshots would slow the tests down, and DOM snapshots are enough.
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
  projects: [
    { name: 'wasm' },
    {
      name: 'no-script',
      // These specs need JavaScript, or do not depend on it.
      testIgnore: /(accessibility|back-forward-cache|many-tabs|html|navigation|prefetch|robustness|security-headers|session-card|stale-pages|unexpected-responses)\.spec\.ts/,
      use: { javaScriptEnabled: false },
    },
  ],
  webServer: [
    serve(port),
    // For tests/support/short-lived.ts.
    serve(process.env.END2END_SHORT_LIVED_PORT, 'short-lived'),
    // For tests/support/limited.ts.
    serve(process.env.END2END_LIMITED_PORT, 'limited'),
    // For tests/support/smtp.ts.
    serve(process.env.END2END_SMTP_PORT, 'smtp'),
  ],
});

function serve(port: string, settings = '') {
  return {
    command: `node server.mjs ${port} ${settings}`,
    url: `${originOf(port)}/readyz`,
    reuseExistingServer: false,
    timeout: 30_000,
    stdout: 'pipe' as const,
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 15_000 },
  };
}
