import { type Line, choose, fillLines, fillOutlet, offered, recordId, save, transition } from '../support/forms.ts';
import { Api, DESK, PHONE, TENANT, expect, signIn, test, type Page } from '../support/test.ts';

/** With a phone number and a place an outlet counts as verified: its workflow says so, or whoever comes first by hand. */
async function verified(page: Page): Promise<void> {
  const address = page.url();
  await expect(async () => {
    await page.goto(address);
    const button = page.locator('button[value="transition:verify"]:visible');
    if ((await button.count()) > 0) await button.click({ timeout: 1000 });
    await expect(page.locator('.page-title .badge')).toHaveText('已核实', { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
}

/** A new outlet and an order of three lines for it, entered by hand. Ends on the page of the order. */
async function placeOrder(page: Page, name: string): Promise<{ order: string; number: string }> {
  await page.goto(`${TENANT}/app/outlet/new`);
  await fillOutlet(page, { name, phone: '13800001234' });
  await save(page);
  await expect(page.locator('h1')).toHaveText(name);
  await verified(page);

  await page.goto(`${TENANT}/app/sales_order/new`);
  await choose(page, 'f-outlet', name);
  const products = await offered(page, 'c-lines-0-product');
  const lines: Line[] = products.slice(0, 3).map((product, n) => ({ product, unit: 'bottle', quantity: String(n + 2) }));
  expect(lines).toHaveLength(3);
  await fillLines(page, lines);
  await save(page);

  await expect(page.locator('h1')).toHaveText(/^SO-/);
  for (const line of lines) await expect(page.locator('main')).toContainText(line.product);
  return { order: recordId(page), number: (await page.locator('h1').textContent()) ?? '' };
}

test('an order goes from the shop to approval, and no other dealer sees it', async ({ visit }) => {
  const name = '春风便利店';
  const rep = await visit({ ...PHONE, locale: 'zh-CN' });
  await signIn(rep, 'dealer_rep@demo');
  await expect(rep.locator('html')).toHaveAttribute('lang', 'zh-CN');
  const { order, number } = await placeOrder(rep, name);
  const address = `${TENANT}/app/sales_order/${order}`;

  await test.step('the rep sees it in the list, with its lines counted and priced', async () => {
    await rep.goto(`${TENANT}/app/sales_order`);
    const row = rep.locator('tbody tr', { hasText: number });
    await expect(row).toContainText(name);
    await expect(row).toContainText('草稿');
    const [stored] = await (await Api.as('dealer_rep@demo')).rows<{ lines_n: number; net_amt: string }>(
      `sales_order?id=eq.${order}&select=lines_n,net_amt`,
    );
    expect(stored?.lines_n).toBe(3);
    expect(Number(stored?.net_amt)).toBeGreaterThan(0);
  });

  await test.step('the rep may submit it, not approve it', async () => {
    await rep.goto(address);
    await expect(rep.locator('button[value="transition:submit"]')).toBeVisible();
    await expect(rep.locator('button[value="transition:approve"]')).toHaveCount(0);
    await transition(rep, 'submit');
    await expect(rep.locator('.page-title .badge')).toHaveText('已提交');
  });

  await test.step('the region manager finds it among those to approve, and approves', async () => {
    const manager = await visit({ ...DESK, locale: 'zh-CN' });
    await signIn(manager, 'region@demo', `${TENANT}/app/sales_order?view=order_to_approve`);
    await manager.locator('tbody a', { hasText: number }).click();
    await transition(manager, 'approve');
    await expect(manager.locator('.page-title .badge')).toHaveText('已批准');
    await expect(manager.locator('button[value="transition:approve"]')).toHaveCount(0);
  });

  await test.step('the rep of another dealer sees nothing of it', async () => {
    const other = await visit({ ...PHONE, locale: 'zh-CN' });
    await signIn(other, 'dealer2_rep@demo', `${TENANT}/app/sales_order?q=${number}`);
    await expect(other.locator('main')).not.toContainText(name);
    await expect(other.locator('tbody')).toHaveCount(0);
    for (const path of [address, `${address}/edit`]) {
      const answer = await other.goto(path);
      expect(answer?.status()).toBe(404);
      await expect(other.locator('h1')).toHaveText('页面不存在');
      await expect(other.locator('body')).not.toContainText(name);
    }
    const api = await Api.as('dealer2_rep@demo');
    expect(await api.rows(`sales_order?id=eq.${order}`)).toEqual([]);
    expect((await api.send('GET', `/api/v1/sales_order/${order}`)).status).toBe(404);
    expect((await api.send('PATCH', `/api/v1/sales_order/${order}`, { note_txt: 'mine now' })).status).toBe(404);
  });
});

test('the same order can be placed without script', async ({ visit }) => {
  const page = await visit({ ...PHONE, locale: 'zh-CN', javaScriptEnabled: false });
  await signIn(page, 'dealer_rep@demo');
  const { number } = await placeOrder(page, '无脚本小店');
  await page.goto(`${TENANT}/app/sales_order`);
  await expect(page.locator('tbody tr', { hasText: number })).toContainText('无脚本小店');
});

test('rows are added to an order, by script and without', async ({ visit }) => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await visit({ ...DESK, locale: 'en', javaScriptEnabled });
    await signIn(page, 'dealer_rep@demo', `${TENANT}/app/sales_order/new`);
    const [product = ''] = await offered(page, 'c-lines-0-product');
    await choose(page, 'c-lines-0-product', product);
    await page.locator('#c-lines-0-uom_qty').fill('7');
    const before = await page.locator('tr.line').count();
    await page.locator('[data-add]').click();
    await expect.poll(() => page.locator('tr.line').count()).toBeGreaterThan(before);
    await expect(page.locator('#c-lines-0-uom_qty')).toHaveValue('7');
    const numbers = await page.locator('tr.line').evaluateAll((rows) => rows.map((row) => row.querySelector('select, input:not([type=hidden])')?.id));
    expect(new Set(numbers).size).toBe(numbers.length);
  }
});
