// The files in the binary, as a browser and a cache ask for them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Broker } from './lib/broker.mjs';
import { launchBrowser } from './lib/demo_tab.mjs';

const kScripts = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js'];
const kClient = fileURLToPath(new URL('./node_modules/sio4/', import.meta.url));

let broker;
before(async () => (broker = await Broker.start()));
after(() => broker?.stop());

const get = (path, options) => fetch(`${broker.origin}${path}`, { redirect: 'manual', ...options });

describe('the demo in the binary', () => {
  test('whatever the page refers to is there, and it says what it is', async () => {
    const page = await (await get('/demo')).text();
    const names = [...page.matchAll(/(?:href|src)="(demo\/[^"]+)"/g)].map(([, name]) => name);
    assert.ok(names.length >= 3);
    const types = { js: /^text\/javascript/, css: /^text\/css/, svg: /^image\/svg/ };
    for (const name of names) {
      const answer = await get(`/${name}`);
      assert.equal(answer.status, 200, name);
      assert.match(answer.headers.get('content-type'), types[name.split('.').pop()], name);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      for (const [, module] of (await answer.text()).matchAll(/from '\.\/([^']+)'/g)) {
        assert.equal((await get(`/demo/${module}`)).status, 200, module);
      }
    }
  });

  test('nothing may be loaded from elsewhere', async () => {
    const policy = (await get('/demo')).headers.get('content-security-policy');
    assert.match(policy, /default-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|https?:/);
  });

  for (const [path, target] of [['/', '/demo'], ['/demo/', '/demo']]) {
    test(`${path} leads to ${target}, below any path of a proxy`, async () => {
      const { status, headers } = await get(path);
      assert.equal(status, 302);
      for (const base of ['http://broker', 'http://proxy/below']) {
        assert.equal(`${new URL(headers.get('location'), base + path)}`, base + target);
      }
    });
  }

  test('a cache asks whether it is still the same', async () => {
    const { headers } = await get('/demo');
    const tag = headers.get('etag');
    assert.equal(headers.get('cache-control'), 'no-cache');
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, `"other",W/${tag}`, '*']) {
      const answer = await get('/demo', { headers: { 'if-none-match': known } });
      assert.equal(answer.status, 304, known);
      assert.equal(answer.headers.get('etag'), tag);
      assert.equal(await answer.text(), '');
    }
    for (const known of ['"other"', tag.replaceAll('"', '')]) {
      assert.equal((await get('/demo', { headers: { 'if-none-match': known } })).status, 200, known);
    }
  });

  test('HEAD tells the same without the content', async () => {
    const [head, whole] = [await get('/demo', { method: 'HEAD' }), await get('/demo')];
    for (const name of ['content-length', 'content-type', 'etag']) {
      assert.equal(head.headers.get(name), whole.headers.get(name), name);
    }
    assert.equal(await head.text(), '');
  });

  for (const path of ['/demo/README.md', '/demo/none.js', '/demo/../LICENSE', '/socket.io/README.md']) {
    test(`${path} is not there`, async () => assert.equal((await get(path)).status, 404));
  }
});

describe("socket.io-client's own files", () => {
  for (const name of [...kScripts, 'LICENSE']) {
    test(`${name} is that of the package, without a pointer to a map`, async () => {
      const theirs = readFileSync(`${kClient}${name === 'LICENSE' ? '' : 'dist/'}${name}`, 'utf8');
      const answer = await get(`/socket.io/${name}`);
      assert.match(answer.headers.get('content-type'), name === 'LICENSE' ? /^text\/plain/ : /^text\/javascript/);
      assert.equal(await answer.text(), theirs.replace(/\/\/# sourceMappingURL=.*\s*$/, ''));
    });
  }

  // The script tag that people know, and the module, in a page of this origin: MQTT's CONNECT, and what comes back.
  for (const how of kScripts) {
    test(`${how} works in a page`, { timeout: 30_000 }, async (t) => {
      const browser = await launchBrowser();
      t.after(() => browser.close());
      const page = await browser.newPage();
      await page.goto(`${broker.origin}/socket.io/LICENSE`);
      if (!how.includes('.esm.')) await page.addScriptTag({ url: `/socket.io/${how}` });
      const connack = await page.evaluate(async (module) => {
        const io = module ? (await import(module)).io : window.io;
        const socket = io('/mqtt');
        const connect = [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x61];
        socket.emit('message', Uint8Array.from(connect));
        const bytes = await new Promise((resolve) => socket.on('message', resolve));
        socket.disconnect();
        return Array.from(new Uint8Array(bytes));
      }, how.includes('.esm.') ? `/socket.io/${how}` : null);
      assert.deepEqual(connack, [0x20, 2, 0, 0]);
    });
  }
});
