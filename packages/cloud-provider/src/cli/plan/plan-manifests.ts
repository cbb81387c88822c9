import { objectKey } from '../../api/object-meta.ts';
import type { CommandInput } from '../command.ts';
import { counted } from '../counted.ts';
import { quotasOf } from '../quotas/planned-quotas.ts';
import type { Report } from '../report.ts';
import { planNow } from '../session/planned.ts';
import { planReport } from './plan-report.ts';
import { readManifests, readNodes, withManifests } from './read-manifests.ts';

export interface ManifestFiles {
  readonly files: readonly string[];
  /** Empty to plan with the cluster. */
  readonly nodesFile: string;
}

/** What applying the files would lead to. Nothing is applied; the cluster, if one is asked, is only read. */
export async function planManifests({ session }: CommandInput, { files, nodesFile }: ManifestFiles): Promise<Report> {
  const manifests = readManifests(files);
  const nodes = nodesFile === '' ? undefined : readNodes(nodesFile);
  const keys = new Set(manifests.map(({ service }) => objectKey(service)));
  const planned = await planNow(session, {
    controllers: (name) => name === 'service-lb-controller',
    select: (snapshot) => ({ ...snapshot, services: withManifests(snapshot.services, manifests) }),
    ...(nodes && { nodes }),
  });
  const { plan } = planned;
  const objects = plan.objects.filter(({ key, kind }) => kind === 'Service' && keys.has(key));
  const served = new Set(objects.map(({ key }) => key));
  const left = [...keys].filter((key) => !served.has(key));
  const { length: count } = planned.planning.snapshot.nodes;
  return planReport(
    { ...plan, objects },
    {
      title: `If ${files.join(', ')} is applied`,
      quotas: await quotasOf(session, planned, objects),
      warnings: [
        ...left.map((key) => `Service ${key} asks for nothing of this manager (its type, class or annotations)`),
        ...session.warnings,
      ],
      notes: [
        nodes
          ? `planned with the ${counted(count, 'Node')} of ${nodesFile} and without a cluster: as new Services, whatever there is of them already`
          : `planned with the ${counted(count, 'Node')} of the cluster; --nodes-from FILE takes others, and no cluster`,
      ],
    },
  );
}
