import { objectKey } from '../../api/object-meta.ts';
import type { CommandInput } from '../command.ts';
import type { Report } from '../report.ts';
import { planNow } from '../session/planned.ts';
import { planReport } from './plan-report.ts';
import { readManifests, withManifests } from './read-manifests.ts';

/** What applying the files would lead to. Nothing is applied; the cluster is only read. */
export async function planManifests({ session }: CommandInput, files: readonly string[]): Promise<Report> {
  const manifests = readManifests(files);
  const keys = new Set(manifests.map(({ service }) => objectKey(service)));
  const { plan } = await planNow(session, {
    controllers: (name) => name === 'service-lb-controller',
    select: (snapshot) => ({ ...snapshot, services: withManifests(snapshot.services, manifests) }),
  });
  const objects = plan.objects.filter(({ key, kind }) => kind === 'Service' && keys.has(key));
  const served = new Set(objects.map(({ key }) => key));
  const left = [...keys].filter((key) => !served.has(key));
  return planReport(
    { ...plan, objects },
    {
      title: `If ${files.join(', ')} is applied`,
      warnings: [
        ...left.map((key) => `Service ${key} asks for nothing of this manager (its type, class or annotations)`),
        ...session.warnings,
      ],
    },
  );
}
