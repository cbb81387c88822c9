import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { intentsIn } from '../../cloud/create-intent.ts';
import { Bench } from './test-bench.ts';
import { groupAnnotation, testService } from './test-kind.ts';

describe('a create that nothing would lead back to', () => {
  it('is written down on its Service before it is sent, and struck out when it was seen', async () => {
    await using bench = new Bench();
    bench.kind.isJournaled = true;
    let open: readonly { readonly key: string; readonly group: string }[] = [];
    bench.kind.onCall = (call) => {
      const annotations = bench.cluster.service('ns/web')?.metadata.annotations ?? {};
      if (call.startsWith('create LoadBalancer')) open = intentsIn(annotations);
    };
    let isFirst = true;
    bench.kind.afterWrite = () => {
      if (!isFirst) return;
      isFirst = false;
      throw new CloudError('Unavailable', 'no answer');
    };
    bench.cluster.putService(testService('web'));
    await bench.start();
    expect(open).toMatchObject([{ key: 'service/uid-of-web', group: 'test/service/uid-of-web' }]);
    expect(intentsIn(bench.cluster.service('ns/web')?.metadata.annotations ?? {})).toHaveLength(1);
    await bench.pass(Duration.seconds(30));
    expect(bench.cluster.service('ns/web')?.metadata.annotations).toEqual({});
    expect(bench.kind.writes.filter((call) => call.startsWith('create LoadBalancer'))).toHaveLength(1);
    bench.forget();
    await bench.pass(Duration.minutes(20));
    expect(bench.kind.calls).toEqual([]);
  });

  it('keeps no group from its end when its Service went', async () => {
    await using bench = new Bench();
    bench.kind.isJournaled = true;
    bench.kind.afterWrite = () => {
      throw new CloudError('Unavailable', 'no answer');
    };
    bench.cluster.putService(testService('web', { annotations: { [groupAnnotation]: 'shared' } }));
    await bench.start();
    bench.kind.afterWrite = () => undefined;
    bench.cluster.dropService('ns/web');
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.controller.status().facts).toMatchObject({ services: 0, groups: 0 });
  });
});
