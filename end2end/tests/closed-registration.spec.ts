import { visit } from './support/navigation';
import { testOnServerWith } from './support/own-server';
import { newUser } from './support/users';
import { expect } from './support/test';

const test = testOnServerWith({ VESTIBULE_REGISTRATION__POLICY: 'closed' });

test('closed registration is said, and cannot be got around', async ({ page, request }) => {
  await visit(page, '/login');
  await expect(page.getByRole('link', { name: 'Create an account' })).toBeHidden();
  await visit(page, '/register');
  await expect(page.getByText('New accounts cannot be created at the moment.')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
  const answer = await request.post('/api/register', {
    form: { ...newUser() },
    headers: { Accept: 'application/json' },
  });
  expect(await answer.text()).toContain('New accounts cannot be created at the moment.');
});
