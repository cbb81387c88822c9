import type { CloudCallGate, CloudScope } from '@ccm-ts/cloud-provider';
import type { AwsClients } from '../client/sdk-clients.ts';
import { type AwsOperation, permissions } from '../permissions.ts';
import { AwsAccount } from '../testing/aws-account.ts';

/** The account's requests pass the gate of the provider that sends them, as the SDK's do. */
export class GatedAccount {
  readonly account = AwsAccount.withNetwork();
  /** By operation, as the account saw them. */
  readonly requests = new Map<AwsOperation, number>();
  #gate: CloudCallGate | undefined;

  constructor(scope: CloudScope) {
    const { recorder } = this.account;
    const arrive = recorder.run.bind(recorder);
    recorder.run = (operation, call, does) => {
      const gate = this.#gate;
      if (!gate) throw new Error(`${operation} was sent without a gate`);
      const service = permissions[operation].startsWith('ec2:') ? 'ec2' : 'elb';
      const kind = operation.startsWith('Describe') ? 'read' : 'write';
      return gate.run({ apiGroup: `${service}-${kind}`, operation, scope, kind }, call, (signal) => {
        this.requests.set(operation, (this.requests.get(operation) ?? 0) + 1);
        return arrive(operation, { ...call, signal }, does);
      });
    };
  }

  /** Clients of the account that send through that gate. */
  clients(gate: CloudCallGate): AwsClients {
    const { ec2, elb, elbv2 } = this.account;
    const enter = (): void => {
      this.#gate = gate;
    };
    return { ec2: announced(ec2, enter), elb: announced(elb, enter), elbv2: announced(elbv2, enter), close() {} };
  }
}

/** Calls back right before each method: the double hands its request on before the method returns. */
function announced<Port extends object>(port: Port, enter: () => void): Port {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...input: readonly unknown[]): unknown => {
        enter();
        return Reflect.apply(value, target, input);
      };
    },
  });
}
