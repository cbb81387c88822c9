import { describe, expect, it } from '@jest/globals';
import { CloudError } from '@ccm-ts/cloud-provider';
import { testCall } from '../../testing/aws-account.ts';
import { TagReader } from './tag-reader.ts';

function readerThat(refuses: (arns: readonly string[]) => CloudError | undefined = () => undefined) {
  const asked: string[] = [];
  const reader = new TagReader({
    async describeTags(arns, call) {
      asked.push(arns.join());
      await Promise.resolve();
      call.signal.throwIfAborted();
      const refusal = refuses(arns);
      if (refusal) throw refusal;
      return new Map(arns.map((arn) => [arn, { arn }]));
    },
  });
  return { reader, asked };
}

const read = (reader: TagReader, ...arns: readonly string[]) => reader.read(arns, testCall());
const codes = (results: readonly PromiseSettledResult<ReadonlyMap<string, unknown>>[]): readonly unknown[] =>
  results.map((result) => {
    if (result.status === 'fulfilled') return [...result.value.keys()].join();
    const reason: unknown = result.reason;
    return reason instanceof CloudError ? reason.code : reason;
  });

describe('TagReader', () => {
  it('asks once for all who ask while it waits, and gives each what it asked for', async () => {
    const { reader, asked } = readerThat();
    const answers = await Promise.all([
      read(reader, 'a'),
      read(reader, 'b', 'c'),
      read(reader, 'c', 'd'),
      read(reader),
    ]);
    expect(answers.map((tags) => [...tags.keys()].join())).toEqual(['a', 'b,c', 'c,d', '']);
    expect(asked).toEqual(['a', 'b,c,d']);
    await read(reader, 'e');
    expect(asked).toHaveLength(3);
  });

  it('does not let one object that is gone keep the others from their tags', async () => {
    const gone = new CloudError('NotFound', 'b is gone');
    const { reader } = readerThat((arns) => (arns.includes('b') ? gone : undefined));
    const questions = [read(reader, 'a'), read(reader, 'b'), read(reader, 'c')];
    expect(codes(await Promise.allSettled(questions))).toEqual(['a', 'NotFound', 'c']);
  });

  it('asks again for the others when whoever came first gives up', async () => {
    const { reader } = readerThat();
    const aborting = new AbortController();
    const questions = [read(reader, 'a'), reader.read(['b'], testCall({ signal: aborting.signal })), read(reader, 'c')];
    aborting.abort(new CloudError('Unavailable', 'enough'));
    expect(codes(await Promise.allSettled(questions))).toEqual(['a', 'Unavailable', 'c']);
  });

  it('does not ask one by one when AWS asks for less', async () => {
    const throttled = new CloudError('Throttled', 'slow down');
    const { reader, asked } = readerThat(() => throttled);
    const questions = [read(reader, 'a'), read(reader, 'b'), read(reader, 'c')];
    expect(codes(await Promise.allSettled(questions))).toEqual(['Throttled', 'Throttled', 'Throttled']);
    expect(asked).toEqual(['a', 'b,c']);
  });
});
