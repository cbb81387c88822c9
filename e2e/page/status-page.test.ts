/// <reference lib="dom" />
import assert from 'node:assert/strict';
import {
  type Access,
  Duration,
  HealthChecks,
  type ManagementServer,
  type ManagerStatus,
  MetricRegistry,
  managementRoutes,
  silentLogger,
  startManagementServer,
  statusPageFiles,
} from '@ccm-ts/cloud-provider';
import { startDemo } from '@ccm-ts/cloud-provider/testing';
import type { Browser, Page } from 'puppeteer-core';
import { after, describe, it } from '../harness/node-test.ts';
import { launchBrowser } from './browser.ts';
import { sampleStatus, troubledStatus } from './sample-status.ts';

const browser: Browser = await launchBrowser();
after(async () => await browser.close());

/** A management server that shows whatever status the test sets. */
async function serve(
  first: ManagerStatus,
  { port = 0, access = { kind: 'open' } }: { readonly port?: number; readonly access?: Access } = {},
): Promise<ManagementServer & { show(status: ManagerStatus): void }> {
  let shown = first;
  const checks = {
    healthz: new HealthChecks('healthz'),
    livez: new HealthChecks('livez'),
    readyz: new HealthChecks('readyz'),
  };
  const server = await startManagementServer(
    managementRoutes({ ...checks, status: () => shown }, new MetricRegistry()),
    { host: '127.0.0.1', port, tls: undefined, access, logger: silentLogger, publicFiles: statusPageFiles },
  );
  return { ...server, show: (status) => void (shown = status) };
}

/** A page with everything that went wrong on it. */
async function open(url: string): Promise<{ page: Page; faults: string[] } & AsyncDisposable> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(`${url}/statusz`);
  return { page, faults, [Symbol.asyncDispose]: async () => await page.close() };
}

async function textOf(page: Page, selector: string): Promise<string> {
  return await page.$eval(selector, (element) => element.textContent ?? '');
}

async function waitForText(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForFunction(
    (where, what) => document.querySelector(where)?.textContent?.includes(what) ?? false,
    { timeout: 30_000 },
    selector,
    text,
  );
}

describe('the status page', () => {
  it('shows summary, obstacles, budget, objects with their plan, and operations', async () => {
    await using server = await serve(sampleStatus({ nodes: 3, services: 2 }));
    await using tab = await open(server.url);
    await waitForText(tab.page, '#summary', 'this replica');
    assert.match(await textOf(tab.page, '#not-ready'), /connection refused/);
    assert.match(await textOf(tab.page, '#budgets'), /describe.*12\.5.*5 \(initialize 4, upkeep 1\).*1,234.*7/s);
    assert.match(await textOf(tab.page, '#items'), /Node node-2.*InstanceNotFound/s);
    assert.match(await textOf(tab.page, '#items'), /create LoadBalancer a1 \(scheme: {2}→ internal\)/);
    assert.match(await textOf(tab.page, '#operations'), /create LoadBalancer a299.*applied/s);
    assert.deepEqual(tab.faults, []);
  });

  it('follows the manager without being asked', async () => {
    await using server = await serve(sampleStatus({ nodes: 1, services: 0 }));
    await using tab = await open(server.url);
    await waitForText(tab.page, '#items', 'node-0');
    server.show(sampleStatus({ nodes: 0, services: 1 }));
    await waitForText(tab.page, '#items', 'default/web-0');
    assert.doesNotMatch(await textOf(tab.page, '#items'), /node-0/);
  });

  it('puts nothing of the cluster in as markup', async () => {
    const evil = '<img src=x onerror="window.injected=1"><script>window.injected=1</script>';
    const status = sampleStatus({ nodes: 1, services: 1 });
    const [first, ...rest] = status.controllers;
    assert.ok(first);
    const item = first.items[0];
    assert.ok(item);
    const items = [{ ...item, key: evil, message: evil, plan: [evil] }];
    await using server = await serve({
      ...status,
      provider: evil,
      notReady: [evil],
      controllers: [{ ...first, items }, ...rest],
    });
    await using tab = await open(server.url);
    await waitForText(tab.page, '#items', '<img src=x');
    assert.equal(await tab.page.evaluate(() => 'injected' in window), false);
    assert.equal(
      await tab.page.$$eval('#items img, #items script, #summary img, #not-ready img', (all) => all.length),
      0,
    );
  });

  it('forbids inline scripts and foreign servers by its policy', async () => {
    await using server = await serve(sampleStatus({ nodes: 1, services: 0 }));
    await using tab = await open(server.url);
    await waitForText(tab.page, '#items', 'node-0');
    const ran = await tab.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.inline = 1';
      document.body.append(script);
      return 'inline' in window;
    });
    assert.equal(ran, false);
  });

  it('stays usable with 5,000 nodes and 2,000 Services', async () => {
    await using server = await serve(sampleStatus({ nodes: 5000, services: 2000 }));
    await using tab = await open(server.url);
    await waitForText(tab.page, '#shown', '7,000 in all');
    await waitForText(tab.page, '#page', 'page 1 of 70');
    // The size of what is asked for every second must not follow the size of the cluster.
    const weights = await tab.page.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => (entry as PerformanceResourceTiming).decodedBodySize),
    );
    assert.ok(Math.max(...weights) < 64 * 1024, `one answer has ${Math.max(...weights)} bytes`);
    assert.equal(await tab.page.$$eval('#items tr', (rows) => rows.length), 100);
    await tab.page.click('#next');
    await waitForText(tab.page, '#page', 'page 2 of 70');
    await tab.page.click('#choices ::-p-text(Services)');
    await waitForText(tab.page, '#page', 'page 1 of 20');
    await tab.page.type('#filter', 'web-1999');
    await waitForText(tab.page, '#shown', '1 found');
    assert.match(await textOf(tab.page, '#items'), /default\/web-1999/);
    await tab.page.reload();
    await waitForText(tab.page, '#shown', '1 found');
    assert.deepEqual(tab.faults, []);
  });

  it('shows what is refused, what is nobody’s and which nodes are to go', async () => {
    await using server = await serve(troubledStatus());
    await using tab = await open(server.url);
    await waitForText(tab.page, '#summary', 'host-of-the-other-replica');
    assert.match(await textOf(tab.page, '#controllers'), /open since .*31 of 90 nodes were absent/);
    for (const [choice, expected] of [
      ['Orphans 1', 'was-here is not in the cluster'],
      ['Nodes to delete 1', 'DeletionSuspended'],
      ['Not as it should be', 'OwnershipConflict'],
    ] as const) {
      await tab.page.click(`#choices ::-p-text(${choice})`);
      await waitForText(tab.page, '#items', expected);
    }
    await tab.page.click('#operation-choices ::-p-text(Refused or failed 30)');
    await waitForText(tab.page, '#operation-choices [aria-pressed=true]', 'Refused');
    await tab.page.waitForFunction(() => document.querySelectorAll('#operations tr').length === 30);
    assert.deepEqual(tab.faults, []);
  });

  it('asks for a token, and shows nothing of the cluster to who has none', async () => {
    const access: Access = {
      kind: 'reviewed',
      alwaysAllow: [],
      authenticate: async ({ authorization }) => {
        if (authorization === undefined) return { kind: 'absent' };
        if (authorization !== 'Bearer good') return { kind: 'invalid' };
        return { kind: 'user', user: { name: 'ada', uid: '', groups: [], extra: {} } };
      },
      authorize: async ({ name }, { path }) => (name === 'ada' && path === '/statusz' ? 'allowed' : 'forbidden'),
    };
    await using server = await serve(sampleStatus({ nodes: 1, services: 0 }), { access });
    await using tab = await open(server.url);
    await waitForText(tab.page, '#connection', 'you may not see this');
    assert.equal(await textOf(tab.page, '#items'), '');
    await tab.page.type('#token', 'wrong\n');
    await waitForText(tab.page, '#sign-in-reason', 'Unauthorized');
    await tab.page.type('#token', 'good\n');
    await waitForText(tab.page, '#items', 'node-0');
    assert.equal(await tab.page.$eval('#sign-in', (section) => section.checkVisibility()), false);
    assert.doesNotMatch(tab.page.url(), /good/);
  });

  it('survives a restart of the manager', async () => {
    const before = await serve(sampleStatus({ nodes: 1, services: 0 }));
    await using tab = await open(before.url);
    await waitForText(tab.page, '#connection', 'live');
    await before[Symbol.asyncDispose]();
    await waitForText(tab.page, '#connection', 'no answer');
    assert.match(await textOf(tab.page, '#items'), /node-0/);
    await using server = await serve(sampleStatus({ nodes: 2, services: 0 }), { port: before.port });
    await waitForText(tab.page, '#items', 'node-1');
    await waitForText(tab.page, '#connection', 'live');
    assert.equal(server.port, before.port);
  });

  it('shows a whole world at work and lets its viewer play with it', async () => {
    const options = { nodes: 3, services: 2, seed: 7, deadline: Duration.minutes(2), version: '1.36.0', log: () => {} };
    await using demo = await startDemo(options);
    await using tab = await open(new URL(demo.page).origin);
    // The story goes on for long after this; the check of `npm start` hears it out.
    const enough = new AbortController();
    const story = Promise.allSettled([demo.scenario.run(enough.signal)]);
    await waitForText(tab.page, '#summary', 'this replica');
    await waitForText(tab.page, '#items', 'converged');
    await waitForText(tab.page, '#operations', 'create LoadBalancer');
    await waitForText(tab.page, '#budgets', 'instances-read');
    await tab.page.click('#controls ::-p-text(A Service wants a load balancer)');
    await waitForText(tab.page, '#controls-answer', 'is created');
    await waitForText(tab.page, '#items', 'default/extra-1');
    enough.abort();
    await story;
    assert.deepEqual(tab.faults, []);
  });

  it('has no buttons where there is nothing to play with', async () => {
    await using server = await serve(sampleStatus({ nodes: 1, services: 0 }));
    await using tab = await open(server.url);
    await waitForText(tab.page, '#items', 'node-0');
    assert.equal(await tab.page.$eval('#controls-section', (section) => section.checkVisibility()), false);
  });

  it('fits a small screen and can be used by keyboard', async () => {
    await using server = await serve(sampleStatus({ nodes: 30, services: 2 }));
    await using tab = await open(server.url);
    await tab.page.setViewport({ width: 320, height: 640 });
    server.show(troubledStatus());
    await waitForText(tab.page, '#items', 'OwnershipConflict');
    const overflow = await tab.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} pixels wider than the screen`);
    const reached = new Set<string>();
    for (let presses = 0; presses < 12; presses++) {
      await tab.page.keyboard.press('Tab');
      reached.add(await tab.page.evaluate(() => document.activeElement?.id || document.activeElement?.className || ''));
    }
    assert.ok(reached.has('filter') && reached.has('scroll'), `reached ${[...reached].join(', ')}`);
  });
});
