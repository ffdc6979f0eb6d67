/** The dashboard in a browser, as an operator uses it. */
import type { BrowserContext } from 'playwright-core';
import type { TestBrowser, TestPage } from './browser';
import { ADMIN_TOKEN } from './http';

/** Opens the dashboard, or a view of it. */
export function openDashboard(
  browser: TestBrowser,
  port: number,
  { view = '', token = ADMIN_TOKEN, session }: View = {},
): Promise<TestPage> {
  return browser.page(`http://127.0.0.1:${port}/dashboard${view}#token=${token}`, session);
}

interface View {
  /** Its path below the dashboard. */
  readonly view?: string;
  readonly token?: string;
  readonly session?: BrowserContext | undefined;
}

/** Waits until a tile shows a value. */
export async function tileShows(page: TestPage, label: string, value: string): Promise<void> {
  await page.locator('#tiles div', { hasText: label }).getByText(value, { exact: true }).waitFor();
}

/** The links to rooms, in the table of rooms. */
export function roomLinks(page: TestPage) {
  return page.locator('#rooms .open');
}

/** What a page complains of, without the network's failures that a test has wanted. */
export function complaintsBesides(page: TestPage, wanted: RegExp): string[] {
  return page.complaints.filter((complaint) => !wanted.test(complaint));
}
