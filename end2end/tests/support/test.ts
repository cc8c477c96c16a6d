import { test as base } from '@playwright/test';

import { expectScripts, scripted } from './arrival';
import { Faults } from './faults';

export { expect } from '@playwright/test';

/** Playwright's `test`, which also fails when the browser complains of anything unexpected. */
export const test = base.extend<{ faults: Faults }>({
  faults: [
    async ({ context }, use) => {
      const faults = await Faults.watch(context);
      await use(faults);
      // By now a script would have run, had the browser let it.
      if (!scripted()) await Promise.all(context.pages().map(expectScripts));
      faults.check();
    },
    { auto: true },
  ],
});
