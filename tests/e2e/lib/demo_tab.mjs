// The demo page in a real browser: what a person sees and clicks.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { kDeadline, until } from './wait.mjs';

/** A browser with a profile of its own, without a screen, that calls nobody by itself. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

export class DemoTab {
  websockets = [];
  foreign = [];
  errors = [];

  /** Opens the page, in `page` if one is given, and waits until it is connected. */
  static async open(context, origin, page) {
    const tab = DemoTab.of(page ?? (await context.newPage()), origin);
    await tab.page.goto(`${origin}/demo`);
    await tab.live();
    return tab;
  }

  /** Watches a page, wherever it goes. */
  static of(page, origin) {
    const tab = new DemoTab();
    tab.page = page;
    tab.page.setDefaultTimeout(kDeadline);
    tab.page.on('dialog', (dialog) => dialog.accept());
    tab.page.on('pageerror', (error) => tab.errors.push(error));
    tab.page.on('request', (request) => request.url().startsWith(origin) || tab.foreign.push(request.url()));
    tab.page.on('websocket', (socket) => tab.websockets.push(socket));
    return tab;
  }

  at(name) {
    return this.page.getByTestId(name);
  }

  click(name) {
    return this.at(name).click();
  }

  /** {transport, state, text} as the badge shows them. */
  badge() {
    return this.at('badge').evaluate((node) =>
      ({ transport: node.dataset.transport, state: node.dataset.state, text: node.innerText }));
  }

  /** Waits until the badge says that messages flow, and by which transport if one is given. */
  async live(transport) {
    let badge;
    await until(async () => {
      badge = await this.badge();
      return badge.state === 'connected' && (!transport || badge.transport === transport);
    }, () => `badge connected, ${transport ?? 'any transport'}; it is ${JSON.stringify(badge)}`);
    if (transport) assert.match(badge.text, new RegExp(transport, 'i'), 'the badge says in words what it means');
  }

  /** The name that others see. */
  name() {
    return this.at('name').evaluate((node) => node.value ?? node.textContent.trim());
  }

  /** The entries of one column: [{id, text}]. */
  list(side) {
    return this.at(`list-${side}`).locator('li[data-message-id]').evaluateAll((items) =>
      items.map((item) => ({ id: item.dataset.messageId, text: item.textContent })));
  }

  /** Waits for exactly this many entries in both columns. */
  async shows(left, right) {
    let seen;
    await until(async () => {
      seen = [await this.list('left'), await this.list('right')];
      return seen[0].length >= left && seen[1].length >= right;
    }, () => `${left} left and ${right} right; there are ${JSON.stringify(seen)}`);
    assert.deepEqual(seen.map((list) => list.length), [left, right], JSON.stringify(seen));
    for (const list of seen) assert.equal(new Set(list.map(({ id }) => id)).size, list.length, 'an entry came twice');
  }

  /** The number that a counter shows. */
  async count(name) {
    return Number((await this.at(name).textContent()).replace(/\D/g, ''));
  }

  /** Waits until the page has tried a WebSocket and lost it. */
  async lostWebsocket() {
    await until(() => this.websockets.length > 0 && this.websockets.every((socket) => socket.isClosed()),
      () => `a WebSocket attempt that failed; there were ${this.websockets.length}`);
  }

  /** Nothing broke, and nobody else was asked for anything. */
  assertClean() {
    assert.deepEqual(this.errors, []);
    assert.deepEqual(this.foreign, []);
  }
}
