import assert from 'node:assert/strict';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { after, describe, it } from '../../harness/node-test.ts';
import { kubeconfigVariable } from '../../kubectl/kubectl.ts';
import { Administrator, eventually } from '../running-manager.ts';
import { readProgram } from './variables.ts';
import { Victim } from './victim.ts';

/** What the server keeps, and what a process has open besides. */
const [kept, ownFiles] = [256, 100];
const crowd = 10_000;
/** Far more than is needed, and far less than what thousands of connections would take. */
const growthMegabytes = 96;
/** Of every client, what he sent and what he does not take; half a million requests leave garbage, too. Unbounded, it was 1 GB. */
const floodMegabytes = 512;

describe('a manager among hostile connections', () => {
  const admin = new Administrator();
  const sockets = new Set<Socket>();
  let started: Promise<Victim> | undefined;
  const victimNow = (): Promise<Victim> => (started ??= start());
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await (await started)?.[Symbol.asyncDispose]();
    admin[Symbol.dispose]();
  });

  async function start(): Promise<Victim> {
    const kubeconfig = process.env[kubeconfigVariable] ?? '';
    const victim = await Victim.start({ program: readProgram(process.env), kubeconfig });
    await victim.isReady();
    return victim;
  }

  function track<S extends Socket>(socket: S): S {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    return socket;
  }

  const openTls = async (port: number): Promise<Socket> => {
    const socket = track(connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }));
    await first(socket, 'secureConnect', 'close');
    return socket;
  };

  it('does its work, answers probes and keeps its memory while 10,000 connections idle', async () => {
    const victim = await victimNow();
    const before = victim.residentMegabytes;
    let peak = before;
    let opened = 0;
    while (opened < crowd) {
      const wave = Array.from({ length: 250 }, () => track(createConnection(victim.port, '127.0.0.1')));
      // The server may end a connection before the client hears that it was made.
      await Promise.all(wave.map((socket) => first(socket, 'connect', 'close')));
      opened += wave.length;
      assert.ok(victim.openFiles <= kept + ownFiles, `${victim.openFiles} files are open`);
      peak = Math.max(peak, victim.residentMegabytes);
      if (opened % 2500 === 0) assert.equal((await victim.ask('/livez')).status, 200);
    }
    await victim.initialisesNode(admin, 'among-idlers');
    assert.equal((await victim.ask('/readyz')).status, 200);
    assert.ok(peak - before < growthMegabytes, `from ${before} MB to ${peak} MB`);
    const figures = { connections: crowd, openFiles: victim.openFiles, megabytesBefore: before, megabytesPeak: peak };
    process.stdout.write(`${JSON.stringify({ proof: 'idle connections', points: crowd, ...figures })}\n`);
    for (const socket of sockets) socket.destroy();
  });

  it('answers probes while every connection is taken by one who does not read his answers', async () => {
    const victim = await victimNow();
    const before = victim.residentMegabytes;
    const requests = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2000);
    for (let opened = 0; opened < kept; opened += 64) {
      await Promise.all(
        Array.from({ length: 64 }, async () => {
          const socket = await openTls(victim.port);
          socket.pause();
          socket.write(requests);
        }),
      );
    }
    for (let round = 0; round < 5; round++) {
      const probe = eventually('a probe to be answered', () =>
        victim.ask('/livez').then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      await probe;
    }
    await victim.initialisesNode(admin, 'among-deaf-ones');
    const peak = victim.residentMegabytes;
    assert.ok(peak - before < floodMegabytes, `from ${before} MB to ${peak} MB`);
    const figures = { megabytesBefore: before, megabytesPeak: peak };
    process.stdout.write(`${JSON.stringify({ proof: 'deaf clients', points: kept, ...figures })}\n`);
    for (const socket of sockets) socket.destroy();
  });

  it('ends connections that are slow to begin, to ask and to send', async () => {
    const victim = await victimNow();
    const slow: readonly (readonly [string, () => Promise<Socket>, string, string])[] = [
      ['silent before TLS', async () => track(createConnection(victim.port, '127.0.0.1')), '', ''],
      ['silent after TLS', () => openTls(victim.port), '', ''],
      ['slow with its headers', () => openTls(victim.port), 'GET /healthz HTTP/1.1\r\n', 'X-A: b\r\n'],
      [
        'slow with its body',
        () => openTls(victim.port),
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n',
        'a',
      ],
      [
        'slow with its chunks',
        () => openTls(victim.port),
        'POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
        '1\r\na\r\n',
      ],
    ];
    const ends = await Promise.all(
      slow.map(async ([what, open, head, again]) => {
        const socket = await open();
        socket.resume();
        const closed = first(socket, 'close').then(() => 'closed');
        if (head !== '') socket.write(head);
        for (let second = 0; second < 100; second++) {
          if ((await Promise.race([closed, sleep(1000)])) === 'closed') return [what, 'closed'];
          if (again !== '') socket.write(again);
        }
        return [what, 'still open'];
      }),
    );
    assert.deepEqual(
      ends,
      slow.map(([what]) => [what, 'closed']),
    );
    assert.equal((await victim.ask('/livez')).status, 200);
  });

  it('refuses what is too long without keeping it', async () => {
    const victim = await victimNow();
    const before = victim.residentMegabytes;
    const pieces: readonly (readonly [string, string, number])[] = [
      ['a path without end', 'GET /', 64],
      ['a header without end', 'GET / HTTP/1.1\r\nX-A: ', 64],
      ['a body without end', 'POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n', 64],
    ];
    await Promise.all(
      pieces.map(async ([, head, megabytes]) => {
        const socket = await openTls(victim.port);
        socket.resume();
        socket.write(head);
        const piece = 'a'.repeat(1 << 20);
        for (let sent = 0; sent < megabytes && !socket.destroyed; sent++) {
          if (!socket.write(piece)) await first(socket, 'drain', 'close');
        }
        socket.destroy();
      }),
    );
    const peak = victim.residentMegabytes;
    assert.ok(peak - before < growthMegabytes, `from ${before} MB to ${peak} MB`);
    assert.equal((await victim.ask('/livez')).status, 200);
  });
});

/** Resolves with the first of the events; an error is no end by itself, it is followed by one. */
function first(socket: Socket, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    for (const event of events) socket.once(event, () => resolve());
  });
}
