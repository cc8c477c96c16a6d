import { type BrowserContext, type ConsoleMessage, expect, type Request } from '@playwright/test';

import { javaScriptEnabled } from './navigation';

/**
 * When requests are intercepted, Chromium often skips the view transition between two documents before
 * the new one is revealed, so no script can catch the error. The page is shown without the transition.
 */
const SKIPPED_TRANSITION = /^uncaught: InvalidStateError: .*ViewTransition opt-in disabled/;

/**
 * Collects errors that are not visible on the page: console errors and warnings (such as hydration
 * mismatches), uncaught errors, violations of the content security policy, failed requests, and responses
 * with a 5xx status.
 */
export class BrowserErrors {
  private readonly seen: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly allowed: RegExp[] = [];

  async watch(context: BrowserContext): Promise<void> {
    context.on('console', (message) => this.onConsole(message));
    context.on('requestfailed', (request) => this.onRequestFailed(request));
    context.on('weberror', (error) => this.seen.push(`uncaught: ${error.error()}`));
    context.on('response', (response) => {
      if (response.status() >= 500) this.seen.push(`response: ${response.status()} ${response.url()}`);
    });
    context.on('dialog', async (dialog) => {
      this.seen.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    await context.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
      ),
    );
  }

  /** Expects an error: the test fails if it does not happen. */
  expect(error: RegExp): void {
    this.expected.push(error);
  }

  /** Allows an error that may or may not happen. */
  allow(error: RegExp): void {
    this.allowed.push(error);
  }

  check(): void {
    const known = [...this.expected, ...this.allowed, SKIPPED_TRANSITION];
    const unexpected = this.seen.filter((error) => !known.some((pattern) => pattern.test(error)));
    const missing = this.expected.filter((expected) => !this.seen.some((error) => expected.test(error)));
    expect(unexpected, 'unexpected browser errors').toEqual([]);
    expect(missing, 'expected browser errors that did not happen').toEqual([]);
  }

  private onConsole(message: ConsoleMessage): void {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // Without JavaScript the preloaded WebAssembly stays unused.
    if (!javaScriptEnabled() && /\.wasm was preloaded .* but not used/.test(message.text())) return;
    this.seen.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }

  private onRequestFailed(request: Request): void {
    const reason = request.failure()?.errorText ?? 'unknown';
    // Navigation cancels the requests of the previous page.
    if (reason === 'net::ERR_ABORTED') return;
    // Without JavaScript Chromium loads no scripts, and reports this reason.
    if (!javaScriptEnabled() && reason === 'csp' && request.resourceType() === 'script') return;
    this.seen.push(`request failed: ${reason} ${request.url()}`);
  }
}
