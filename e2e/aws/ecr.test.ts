import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from '../harness/node-test.ts';
import { ecrExecutableVariable, motoVariable, required } from './variables.ts';

const account = '123456789012';
const host = `${account}.dkr.ecr.us-east-1.amazonaws.com`;
const protocol = 'credentialprovider.kubelet.k8s.io/v1';

/** Runs the program as kubelet does when an image is pulled. */
async function ask(more: object, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [required(process.env, ecrExecutableVariable)], {
    env: { AWS_EC2_METADATA_DISABLED: 'true', AWS_ENDPOINT_URL: required(process.env, motoVariable), ...env },
  });
  child.stdin.end(
    JSON.stringify({ apiVersion: protocol, kind: 'CredentialProviderRequest', image: `${host}/app:v1`, ...more }),
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { out, err, code: child.exitCode };
}

function assertLogin({ out, err, code }: Awaited<ReturnType<typeof ask>>): void {
  assert.equal(code, 0, err);
  const { apiVersion, auth, cacheKeyType, kind } = JSON.parse(out) as Readonly<Record<string, unknown>>;
  assert.deepEqual(
    { apiVersion, cacheKeyType, kind },
    { apiVersion: protocol, cacheKeyType: 'Registry', kind: 'CredentialProviderResponse' },
  );
  // What the emulator gives to everybody.
  assert.deepEqual(auth, { [host]: { username: 'AWS', password: `${account}-auth-token` } });
}

describe('the ECR credential provider', () => {
  it('gets a login for an image with the credentials of the machine', async () => {
    assertLogin(await ask({}, { AWS_ACCESS_KEY_ID: 'machine', AWS_SECRET_ACCESS_KEY: 'machine' }));
  });

  it('gets one with the role of a service account', async () => {
    const serviceAccountAnnotations = { 'eks.amazonaws.com/ecr-role-arn': `arn:aws:iam::${account}:role/puller` };
    assertLogin(await ask({ serviceAccountToken: 'token', serviceAccountAnnotations }, {}));
  });

  it('says on its standard error what it lacks', async () => {
    const { out, err, code } = await ask({}, {});
    assert.deepEqual({ out, code }, { out: '', code: 1 });
    assert.match(err, /credentials/);
  });
});
