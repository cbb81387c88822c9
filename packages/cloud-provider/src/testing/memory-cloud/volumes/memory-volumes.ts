import type { Volumes } from '../../../cloud/volumes.ts';
import type { MemoryClient } from '../client/memory-client.ts';

/** The CSI driver of the memory cloud's disks. */
export const volumeDriver = 'csi.memory-cloud';

/** Where disks are. */
export function memoryVolumes(client: MemoryClient): Volumes {
  return {
    async locate({ source }, call) {
      if (source.kind !== 'csi' || source.driver !== volumeDriver) return { kind: 'foreign' };
      const found = await client.locateVolume(source.handle, call);
      if ('statement' in found) return { kind: 'absent', statement: found.statement };
      return { kind: 'placed', zones: found.zones, region: client.scope.region };
    },
  };
}
