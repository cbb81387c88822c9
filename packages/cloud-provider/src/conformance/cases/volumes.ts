import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import { answerTo, call, connected } from '../direct-questions.ts';
import type { Stage } from '../stage.ts';
import type { VolumePlace, VolumeSource } from '../../cloud/volumes.ts';

/** Where volumes are is told truly: whoever believes it can't use the volume anywhere else. */
export const volumeCases: readonly CaseDraft[] = [
  {
    group: 'volumes',
    name: 'a volume is found where it is',
    claims: ['volumes'],
    shows: 'volumes',
    async run(stage) {
      const yard = offered(stage.world.volumes, 'volumes');
      const { source, zones, region } = await yard.make();
      const place = await locate(stage, source);
      const expected = { kind: 'placed', zones: zones.toSorted(), region };
      const told = place.kind === 'placed' ? { ...place, zones: place.zones.toSorted() } : place;
      demand(
        JSON.stringify(told) === JSON.stringify(expected) ? undefined : `it is told to be ${JSON.stringify(told)}`,
      );
    },
  },
  {
    group: 'volumes',
    name: 'a volume that is not there is told of as such',
    claims: ['volumes'],
    async run(stage) {
      const place = await locate(stage, offered(stage.world.volumes, 'volumes').missing);
      demand(place.kind === 'absent' ? undefined : `it is told to be ${place.kind}`);
    },
  },
  {
    group: 'volumes',
    name: 'volumes of others are nobody to ask about',
    claims: ['volumes'],
    async run(stage) {
      await connected(stage);
      const before = stage.main.tap.calls.length;
      const sources: readonly VolumeSource[] = [
        { kind: 'csi', driver: 'csi.somebody-else.example', handle: 'vol-1' },
        { kind: 'field', field: 'nfs', values: { server: '192.0.2.1', path: '/' } },
      ];
      for (const source of sources) {
        const { kind } = await locate(stage, source);
        demand(kind === 'foreign' ? undefined : `it is told to be ${kind}`);
      }
      const asked = stage.main.tap.calls.slice(before).map(({ operation }) => operation);
      demand(asked.some((operation) => /volume/i.test(operation)) ? `the cloud was asked: ${asked.join()}` : undefined);
    },
  },
];

async function locate(stage: Stage, source: VolumeSource): Promise<VolumePlace> {
  await connected(stage);
  const volumes = offered(stage.main.provider.volumes, 'volumes');
  return answerTo(stage, () => volumes.locate({ name: 'pv', source }, call));
}
