import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AgedRead } from '../../aged.ts';
import { testCall } from '../../testing/aws-account.ts';
import { LoadBalancerFinder } from './load-balancer-finder.ts';

function finderOf(names: readonly string[]) {
  const asked: string[] = [];
  const answer = async <Answer>(question: string, give: Answer): Promise<Answer> => {
    asked.push(question);
    return give;
  };
  const all = names.map((name) => ({ name }));
  const finder = new LoadBalancerFinder({
    find: (name) =>
      answer(
        name,
        all.find((one) => one.name === name),
      ),
    all: new AgedRead({ clock: new FakeClock(), read: () => answer('all', all.slice(0, 400)) }),
  });
  return { finder, asked };
}

describe('LoadBalancerFinder', () => {
  it('asks for one by its name', async () => {
    const { finder, asked } = finderOf(['a', 'b']);
    expect(await finder.find('b', testCall())).toEqual({ name: 'b' });
    expect(await finder.find('c', testCall())).toBeUndefined();
    expect(asked).toEqual(['b', 'c']);
  });

  it('asks for a list on behalf of all that look at the same time', async () => {
    const { finder, asked } = finderOf(['a', 'b']);
    const found = await Promise.all(['a', 'b', 'c', 'd', 'a'].map((name) => finder.find(name, testCall())));
    expect(found.map((one) => one?.name)).toEqual(['a', 'b', undefined, undefined, 'a']);
    expect(asked).toEqual(['a', 'all', 'all']);
  });

  it('believes no list of several pages that one is missing', async () => {
    const names = Array.from({ length: 401 }, (_, index) => `lb-${index}`);
    const { finder, asked } = finderOf(names);
    const found = await Promise.all(['lb-0', 'lb-400'].map((name) => finder.find(name, testCall())));
    expect(found.map((one) => one?.name)).toEqual(['lb-0', 'lb-400']);
    expect(asked).toEqual(['lb-0', 'all', 'lb-400']);
  });

  it('asks by name again once nobody looks, whatever became of those who did', async () => {
    const { finder, asked } = finderOf(['a']);
    await Promise.all([finder.find('a', testCall()), finder.find('a', testCall())]);
    await finder.find('a', testCall());
    expect(asked).toEqual(['a', 'all', 'a']);
  });
});
