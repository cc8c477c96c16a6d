import { type BrowserContext, type ConsoleMessage, expect, type Request } from '@playwright/test';

import { scripted } from './arrival';

/**
 * Where a test intercepts requests, Chromium often gives up the view transition between two documents
 * before the new one is revealed, so no script can catch it. The page is shown without the transition.
 * It has not been seen without interception.
 */
const SKIPPED_TRANSITION = /^uncaught: InvalidStateError: .*ViewTransition opt-in disabled/;

/**
 * Everything that goes wrong in a browser without being seen on the page: messages on the console
 * (hydration mismatches among them), uncaught errors, violations of the content security policy,
 * requests that fail and answers that admit a fault.
 */
export class Faults {
  private readonly seen: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly allowed: RegExp[] = [];

  /** Each device of a story is watched. */
  async watch(context: BrowserContext): Promise<void> {
    context.on('console', (message) => this.hear(message));
    context.on('requestfailed', (request) => this.miss(request));
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

  /** Announces a fault that belongs to the story; it must then happen. */
  expect(fault: RegExp): void {
    this.expected.push(fault);
  }

  /** Announces a fault that may follow from an expected one, in one browser or another. */
  allow(fault: RegExp): void {
    this.allowed.push(fault);
  }

  check(): void {
    const announced = [...this.expected, ...this.allowed, SKIPPED_TRANSITION];
    const surprises = this.seen.filter((fault) => !announced.some((pattern) => pattern.test(fault)));
    const missing = this.expected.filter((expected) => !this.seen.some((fault) => expected.test(fault)));
    expect(surprises, 'the browser should have nothing to complain about').toEqual([]);
    expect(missing, 'faults that the story announced should have happened').toEqual([]);
  }

  private hear(message: ConsoleMessage): void {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // With scripts off nothing asks for the WebAssembly that the page had sent for.
    if (!scripted() && /\.wasm was preloaded .* but not used/.test(message.text())) return;
    this.seen.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }

  private miss(request: Request): void {
    const reason = request.failure()?.errorText ?? 'unknown';
    // Leaving a page cancels its requests.
    if (reason === 'net::ERR_ABORTED') return;
    // With scripts off Chromium fetches none, and gives this as the reason.
    if (!scripted() && reason === 'csp' && request.resourceType() === 'script') return;
    this.seen.push(`request failed: ${reason} ${request.url()}`);
  }
}
