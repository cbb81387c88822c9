import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import type { WireObject } from './wire/objects.ts';
import { configMap, connectToServer, node, ownNamespace, paths, service, uniqueName } from './wire/fixture.ts';

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const asMetadata = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const asMetadataList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

interface Table {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string };
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: WireObject }[];
}

describe('representations', () => {
  const server = connectToServer();

  async function table(path: string): Promise<Table> {
    const reply = await server.send('GET', path, { accept: `${asTable},application/json` });
    assert.equal(reply.status, 200);
    return reply.body as Table;
  }

  /** The cells of a row by the column's name. */
  function cellsByColumn(of: Table, row = 0): Record<string, unknown> {
    return Object.fromEntries(of.columnDefinitions.map((column, index) => [column.name, of.rows[row]?.cells[index]]));
  }

  it('prints Nodes with the columns of kubectl get -o wide', async () => {
    const name = uniqueName('printed');
    const transition = '2026-01-01T00:00:00Z';
    await server.create(
      paths.nodes,
      node(
        name,
        {
          spec: { unschedulable: true },
          status: {
            conditions: [
              {
                type: 'Ready',
                status: 'True',
                lastHeartbeatTime: transition,
                lastTransitionTime: transition,
                reason: 'R',
                message: '',
              },
            ],
            addresses: [
              { type: 'InternalIP', address: '10.0.0.1' },
              { type: 'ExternalIP', address: '192.0.2.1' },
            ],
            nodeInfo: {
              kubeletVersion: 'v1.36.3',
              osImage: 'Debian',
              kernelVersion: '6.1',
              containerRuntimeVersion: 'containerd://2',
            },
          },
        },
        { labels: { 'node-role.kubernetes.io/control-plane': '' } },
      ),
    );
    const printed = await table(`${paths.nodes}/${name}`);
    assert.equal(printed.kind, 'Table');
    assert.equal(printed.apiVersion, 'meta.k8s.io/v1');
    const { Age, ...cells } = cellsByColumn(printed);
    assert.match(String(Age), /^\d+s$/);
    assert.deepEqual(cells, {
      Name: name,
      Status: 'Ready,SchedulingDisabled',
      Roles: 'control-plane',
      Version: 'v1.36.3',
      'Internal-IP': '10.0.0.1',
      'External-IP': '192.0.2.1',
      'OS-Image': 'Debian',
      'Kernel-Version': '6.1',
      'Container-Runtime': 'containerd://2',
    });
    const narrow = printed.columnDefinitions.filter((column) => column.priority === 0).map((column) => column.name);
    assert.deepEqual(narrow, ['Name', 'Status', 'Roles', 'Age', 'Version']);
    assert.equal(printed.rows[0]?.object.kind, 'PartialObjectMetadata');
    assert.equal(printed.rows[0].object.metadata.name, name);
  });

  it('prints a bare Node', async () => {
    const name = uniqueName('bare');
    await server.create(paths.nodes, node(name));
    const { Status, Roles } = cellsByColumn(await table(`${paths.nodes}/${name}`));
    assert.deepEqual({ Status, Roles }, { Status: 'Unknown', Roles: '<none>' });
  });

  it('prints Services of every type', async () => {
    const namespace = await ownNamespace(server, 'printed');
    await server.create(paths.services(namespace), service('balanced', { type: 'LoadBalancer' }));
    await server.create(
      paths.services(namespace),
      service('external', { type: 'ExternalName', externalName: 'x.example.com' }),
    );
    await server.create(paths.services(namespace), service('headless', { clusterIP: 'None', selector: undefined }));
    await server.create(paths.services(namespace), service('plain', { externalIPs: ['192.0.2.9'] }));
    const printed = await table(paths.services(namespace));
    const rows = printed.rows.map((_, row) => cellsByColumn(printed, row));
    assert.deepEqual(
      printed.columnDefinitions.map((column) => column.name),
      ['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', 'Selector'],
    );
    assert.deepEqual(
      rows.map((row) => [row.Name, row.Type, row['External-IP'], row.Selector]),
      [
        ['balanced', 'LoadBalancer', '<pending>', 'app=balanced'],
        ['external', 'ExternalName', 'x.example.com', 'app=external'],
        ['headless', 'ClusterIP', '<none>', '<none>'],
        ['plain', 'ClusterIP', '192.0.2.9', 'app=plain'],
      ],
    );
    assert.match(String(rows[0]?.['Port(s)']), /^80:3\d{4}\/TCP$/);
    assert.equal(rows[2]?.['Cluster-IP'], 'None');
    assert.equal(rows[3]?.['Port(s)'], '80/TCP');
  });

  it('prints the addresses of a ready load balancer', async () => {
    const namespace = await ownNamespace(server, 'ready');
    await server.create(paths.services(namespace), service('a', { type: 'LoadBalancer' }));
    await server.patch('merge', `${paths.services(namespace)}/a/status`, {
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example.com' }] } },
    });
    const printed = await table(`${paths.services(namespace)}/a`);
    assert.equal(cellsByColumn(printed)['External-IP'], '192.0.2.1,lb.example.com');
  });

  it('watches as a Table: column definitions come once, rows with each event', async () => {
    const namespace = await ownNamespace(server, 'table-watch');
    const created = await server.create(paths.services(namespace), service('a'));
    await using watch = await server.watch(
      paths.services(namespace),
      { resourceVersion: created.metadata.resourceVersion },
      asTable,
    );
    await server.patch('merge', `${paths.services(namespace)}/a`, { metadata: { labels: { a: 'b' } } });
    await server.delete(`${paths.services(namespace)}/a`);
    const [modified, deleted] = [await watch.next(), await watch.next()];
    const tables = [modified, deleted].map((event) => event.object as unknown as Table);
    assert.deepEqual([modified.type, deleted.type], ['MODIFIED', 'DELETED']);
    assert.deepEqual(
      tables.map((each) => each.rows[0]?.cells[0]),
      ['a', 'a'],
    );
    assert.ok((tables[0]?.columnDefinitions.length ?? 0) > 0);
    assert.equal(tables[1]?.columnDefinitions ?? null, null);
  });

  it('gives metadata only', async () => {
    const namespace = await ownNamespace(server, 'metadata');
    const created = await server.create(paths.configMaps(namespace), configMap('a', { key: 'value' }));
    const reply = await server.send('GET', `${paths.configMaps(namespace)}/a`, { accept: asMetadata });
    assert.deepEqual(reply.body, {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: created.metadata,
    });
  });

  it('lists metadata only', async () => {
    const namespace = await ownNamespace(server, 'metadata-list');
    const created = await server.create(paths.configMaps(namespace), configMap('a', { key: 'value' }));
    const reply = await server.send('GET', paths.configMaps(namespace), { accept: asMetadataList });
    const list = reply.body as { kind: string; items: WireObject[] };
    assert.equal(list.kind, 'PartialObjectMetadataList');
    assert.deepEqual(
      list.items.map((item) => [item.metadata, item.data]),
      [[created.metadata, undefined]],
    );
  });

  it('answers a write with metadata only when asked to', async () => {
    const namespace = await ownNamespace(server, 'metadata-write');
    await server.create(paths.configMaps(namespace), configMap('a', { key: 'value' }));
    const reply = await server.send('PATCH', `${paths.configMaps(namespace)}/a`, {
      accept: `${asMetadata},application/json`,
      contentType: 'application/merge-patch+json',
      body: { data: { key: 'other' } },
    });
    assert.equal(reply.status, 200);
    assert.equal((reply.body as WireObject).kind, 'PartialObjectMetadata');
    assert.equal((reply.body as WireObject).data, undefined);
    assert.deepEqual((await server.get(`${paths.configMaps(namespace)}/a`)).data, { key: 'other' });
  });

  it('refuses a representation that it does not have with 406', async () => {
    const reply = await server.send('GET', paths.nodes, { accept: 'text/csv' });
    assert.equal(reply.status, 406);
  });
});
