import { type CallContext, CloudError, type VolumePlace, type VolumeRef, type Volumes } from '@ccm-ts/cloud-provider';
import type { Ec2Port } from '../client/ec2-port.ts';

/** The CSI driver of EBS, and the field of volumes from the time before it. */
const csiDriver = 'ebs.csi.aws.com';
const formerField = 'awsElasticBlockStore';
/** Stands for the id while a provisioner is about to make the volume. Source: k8s.io/cloud-provider, volume/constants.go. */
const placeholder = 'placeholder-for-provisioning';

/** Where EBS volumes are. */
export class AwsVolumes implements Volumes {
  readonly #ec2: Pick<Ec2Port, 'getVolume'>;
  readonly #region: string;

  constructor(options: { readonly ec2: Pick<Ec2Port, 'getVolume'>; readonly region: string }) {
    this.#ec2 = options.ec2;
    this.#region = options.region;
  }

  async locate(volume: VolumeRef, call: CallContext): Promise<VolumePlace> {
    const handle = handleOf(volume);
    if (handle === undefined || handle === placeholder) return { kind: 'foreign' };
    const id = readVolumeID(handle);
    if (id === undefined) {
      return { kind: 'absent', statement: `${JSON.stringify(handle)} is not the id of an EBS volume` };
    }
    try {
      const { zone } = await this.#ec2.getVolume(id, call);
      if (zone === '') throw new CloudError('Unknown', `EC2 does not tell the zone of ${id}`);
      return { kind: 'placed', zones: [zone], region: this.#region };
    } catch (error) {
      if (error instanceof CloudError && error.code === 'NotFound') return { kind: 'absent', statement: error.message };
      throw error;
    }
  }
}

function handleOf({ source }: VolumeRef): string | undefined {
  switch (source.kind) {
    case 'csi':
      return source.driver === csiDriver ? source.handle : undefined;
    case 'field': {
      const { volumeID } = source.values;
      return source.field === formerField && typeof volumeID === 'string' ? volumeID : undefined;
    }
  }
}

/** Bare, or as a URL with or without the zone: `aws://eu-central-1a/vol-1`. */
function readVolumeID(handle: string): string | undefined {
  return /^(?:aws:\/\/[^/]*\/)?(vol-[0-9a-z]+)$/.exec(handle)?.[1];
}
