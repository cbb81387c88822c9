import { AddTagsCommand, DescribeTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallContext } from '@ccm-ts/cloud-provider';
import type { Tags } from '../../cluster-tags.ts';
import type { TagRequests } from '../elbv2-port.ts';
import type { Elbv2Connection } from './connection.ts';
import { writeTags } from './inputs.ts';

/** As many ARNs as one DescribeTags takes. */
const tagsPerRequest = 20;

/** Requests about the tags of all of them. */
export function tagRequests(connection: Elbv2Connection): TagRequests {
  const { client } = connection;
  return {
    async describeTags(arns: readonly string[], call: CallContext): Promise<ReadonlyMap<string, Tags>> {
      const result = new Map<string, Tags>();
      for (let start = 0; start < arns.length; start += tagsPerRequest) {
        const chunk = arns.slice(start, start + tagsPerRequest);
        const answer = await connection.run({
          operation: 'DescribeTags',
          apiGroup: 'elbv2-read',
          call,
          send: (options) => client.send(new DescribeTagsCommand({ ResourceArns: chunk }), options),
        });
        for (const description of answer.TagDescriptions ?? []) {
          const tags = (description.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''] as const);
          result.set(description.ResourceArn ?? '', Object.fromEntries(tags));
        }
      }
      return result;
    },

    async addTags(arns: readonly string[], tags: Tags, call: CallContext): Promise<void> {
      const input = { ResourceArns: [...arns], Tags: writeTags(tags) };
      await connection.run({
        operation: 'AddTags',
        apiGroup: 'elbv2-write',
        call,
        send: (options) => client.send(new AddTagsCommand(input), options),
      });
    },
  };
}
