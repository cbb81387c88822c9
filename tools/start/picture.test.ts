import { describe, expect, it } from '@jest/globals';
import { drawPicture, type Picture } from './picture.ts';

const picture: Picture = {
  page: 'http://127.0.0.1:1/statusz',
  kubeconfig: 'folder/kubeconfig',
  cloudConfig: 'folder/cloud-config',
  log: 'folder/manager.log',
  progress: { step: 'machines join', nodes: { present: 20, initialised: 5 }, services: { present: 0, ready: 0 } },
  calls: { DescribeInstances: { accepted: 3, throttled: 1, failed: 0 } },
  total: { accepted: 3, throttled: 1, failed: 0 },
  events: Array.from({ length: 100 }, (_, index) => `event ${index + 1}`),
  writes: [
    {
      sequence: 1,
      requestID: 'req-1',
      time: new Date('2026-01-01T10:20:30Z'),
      operation: 'CreateLoadBalancer',
      apiGroup: 'load-balancers-write',
      kind: 'write',
      cluster: 'blue',
      outcome: 'accepted',
      isReplyLost: false,
      touched: ['load-balancer/a1'],
    },
  ],
};

describe('drawPicture', () => {
  it('shows where to look, how far it is, and what is going on', () => {
    const lines = drawPicture(picture, { columns: 120, rows: 40 });
    expect(lines).toEqual(
      expect.arrayContaining([
        'page      http://127.0.0.1:1/statusz',
        'kubectl   kubectl --kubeconfig folder/kubeconfig get nodes,svc -o wide',
        'ccm       npm run -s ccm -- plan --kubeconfig folder/kubeconfig --cloud-config folder/cloud-config',
        'now       machines join',
        'nodes     ██████░░░░░░░░░░░░░░░░░░ 5 of 20 initialised',
        'services  ░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 0 ready',
        'DescribeInstances              3         1         0',
        'event 100',
        '10:20:30  accepted   CreateLoadBalancer  load-balancer/a1',
        'Ctrl-C ends it',
      ]),
    );
  });

  it.each([
    { columns: 80, rows: 24 },
    { columns: 20, rows: 10 },
    { columns: 200, rows: 60 },
  ])('fits into a window of %j', (window) => {
    const lines = drawPicture(picture, window);
    expect(lines.length).toBeLessThanOrEqual(window.rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(window.columns);
  });
});
