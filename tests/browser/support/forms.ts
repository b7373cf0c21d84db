import { expect, type Page } from './test.ts';

/** Fills a lookup, whichever form it takes: a list of few records, or typing with suggestions among many. */
export async function choose(page: Page, id: string, label: string): Promise<void> {
  const control = page.locator(`#${id}`);
  const isList = await control.evaluate((element) => element.tagName === 'SELECT');
  if (isList) await control.selectOption({ label });
  else await control.fill(label);
}

/** The first records that a lookup of the page offers. */
export async function offered(page: Page, id: string): Promise<string[]> {
  const labels = await page
    .locator(`select#${id} option:not([value='']), #${id}-list option`)
    .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).label || (option as HTMLOptionElement).value));
  expect(labels.length).toBeGreaterThan(0);
  return labels;
}

export interface Line {
  product: string;
  unit: string;
  quantity: string;
}

export async function fillLines(page: Page, lines: Line[]): Promise<void> {
  for (const [row, line] of lines.entries()) {
    await choose(page, `c-lines-${row}-product`, line.product);
    await page.locator(`#c-lines-${row}-uom`).selectOption(line.unit);
    await page.locator(`#c-lines-${row}-uom_qty`).fill(line.quantity);
  }
}

export interface Outlet {
  name: string;
  phone: string;
}

/** The fields of a new outlet on the phone form. */
export async function fillOutlet(page: Page, outlet: Outlet): Promise<void> {
  await page.locator('#f-name').fill(outlet.name);
  await page.locator('#f-owner_phone').fill(outlet.phone);
  for (const field of ['channel', 'tier', 'region', 'main_dealer']) {
    const [first] = await offered(page, `f-${field}`);
    await choose(page, `f-${field}`, first ?? '');
  }
  await page.locator('#f-position_geo').fill('29.2150, 124.0310');
}

export async function save(page: Page): Promise<void> {
  await page.locator('.save-bar button[value=save]').click();
}

/** Presses a button of the record page that moves the record to another state. */
export async function transition(page: Page, name: string): Promise<void> {
  await page.locator(`button[value="transition:${name}"]:visible`).click();
}

/** The id in the address of a record page. */
export function recordId(page: Page): string {
  const id = /\/app\/[a-z_]+\/([0-9a-f-]{36})$/.exec(new URL(page.url()).pathname)?.[1];
  if (!id) throw new Error(`not a record page: ${page.url()}`);
  return id;
}
