import { runCommand } from '../server.mjs';
import { expectUrl, visit, watchForRedirect } from './support/navigation';
import { signUp, submitSignIn } from './support/users';
import { expect, test } from './support/test';

test('a disabled account is signed out at once, and says so only to those who know its password', async ({
  page,
  baseURL,
}) => {
  const operator = (command: string) => runCommand(new URL(baseURL!).port, ['account', command, ada.email]);
  const ada = await signUp(page);
  await visit(page, '/');
  const expectRedirect = watchForRedirect(page, '/login?next=%2F');
  await operator('disable');
  await expectRedirect();
  await expect(page.getByRole('status')).toHaveText('You were signed out by an administrator.');

  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
  await submitSignIn(page, ada);
  await expect(page.getByRole('alert')).toHaveText('This account is disabled. Please contact the operator of this site.');
  await operator('enable');
  await submitSignIn(page, ada);
  await expectUrl(page, '/');
});
