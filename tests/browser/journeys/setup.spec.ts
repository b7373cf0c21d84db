import { start, type Running } from '../support/process.ts';
import { expect, test } from '../support/test.ts';

let fresh: Running;
test.beforeAll(async () => {
  fresh = await start('serve');
});
test.afterAll(async () => fresh.stop());

test('the first start prints a link that creates the first administrator, once', async ({ visit }) => {
  const link = String(fresh.ready['setup']);
  const page = await visit({ baseURL: fresh.url, locale: 'en' });

  expect((await page.goto('/setup?token=guessed'))?.status()).toBe(404);
  await page.goto(link);
  await page.getByRole('link', { name: '简体中文' }).click();
  await expect(page.locator('h1')).toHaveText('开始使用 Trellis');
  await page.getByRole('link', { name: 'English' }).click();

  await page.locator('#tenant').fill('Not A Name');
  await page.locator('#name').fill('Ada');
  await page.locator('#email').fill('ada@example.com');
  await page.locator('#password').fill('a short sentence');
  await page.locator('#password_again').fill('another sentence');
  await page.locator('form.stack button').click();
  await expect(page.locator('#problems a')).toHaveCount(2);
  await expect(page.locator('#email')).toHaveValue('ada@example.com');

  await page.locator('#tenant').fill('first_one');
  await page.locator('#password').fill('a short sentence');
  await page.locator('#password_again').fill('a short sentence');
  await page.locator('form.stack button').click();
  await expect(page).toHaveURL(`${fresh.url}/t/first_one/login`);
  await page.locator('#email').fill('ada@example.com');
  await page.locator('#password').fill('a short sentence');
  await page.locator('form.stack button').click();
  await expect(page.locator('h1')).toContainText('Ada');

  expect((await page.goto(link))?.status()).toBe(404);
  const again = {
    token: new URL(link).searchParams.get('token') ?? '',
    tenant: 'second',
    name: 'Eve',
    email: 'eve@example.com',
    password: 'a short sentence',
    password_again: 'a short sentence',
  };
  expect((await page.request.post('/setup', { form: again, maxRedirects: 0 })).status()).toBe(404);
});

test('the bare address names no tenant and leads to the login of the one asked for', async ({ visit }) => {
  const page = await visit({ baseURL: fresh.url, locale: 'en' });
  await page.goto('/');
  await expect(page.locator('body')).not.toContainText('first_one');
  await page.locator('#tenant').fill('anything');
  await page.locator('form.stack button').click();
  await expect(page).toHaveURL(`${fresh.url}/t/anything/login`);
  expect((await page.goto('/no/such/page'))?.status()).toBe(404);
  await expect(page.locator('h1')).toHaveText('Page not found');
});
