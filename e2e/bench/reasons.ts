import type { RowName } from './rows.ts';

const readBeforeCreate =
  'a load balancer is looked for before it is created, one read and one write for each Service, as Go does: a process that died may ' +
  'have made it already. Listing all of them once would answer for thousands.';

const garbageAndBodies =
  'by a profile of the run with 500 nodes a third of the work is the collection of garbage, in a young generation that is kept at 1 MB for the sake of ' +
  'memory, and the larger part of the rest is writing to sockets: two patches for each Service, its Events, and its list of nodes.';

const askedAtOnce =
  'presumably because ours asks for nodes as soon as they come, whatever waits in one call, while the tuned Go manager waits 100 ms for more to join.';

/**
 * Why a target is missed, for the page: written by whoever looked into it, and shown only while the row misses its target.
 * A missed row without an entry says that nobody has looked yet.
 */
export const reasons: Partial<Readonly<Record<RowName, string>>> = {
  'start-time':
    'about 0.3 s pass before the first byte is asked for: Node starts and evaluates the bundle, the larger part of which is the ' +
    'generated code of the Kubernetes client library, of which only the reading of kubeconfigs is used.',
  'start-cpu':
    'the same 0.3 s; of the rest half is receiving and decrypting 85 MB, measured by throwing the bytes away (0.25 s).',
  memory:
    'a manager that has connected to nothing holds 85 to 97 MB (Node itself, the bundle with that library), which a reader of ' +
    'kubeconfigs of our own would lessen the most; caches and controllers add 60 MB. They added 40 to 50 MB before labels and ownership ' +
    'were kept true; what of that takes the rest was not looked into.',
  'event-cpu':
    'reader and cache alone take 140 to 200 µs for a Node of 17 KB, of which a few hundred bytes are kept; the way of the bytes through ' +
    'TLS and HTTP was not yet parted from that.',
  initialize:
    'every Node costs two patches, and a patch of a 17 KB Node costs the API server 2.5 to 3.4 ms of CPU on the two cores that all ' +
    'programs of the run share; the cloud takes 1 s of it.',
  'initialize-event-loop-p99':
    'the replies of the patches, 1,000 watch events and the collections of garbage come together on a machine whose two cores are taken; ' +
    'what is our own share was not parted from that.',
  'services-calls': readBeforeCreate,
  'small-services-calls': readBeforeCreate,
  'small-services-memory':
    'the base of about 100 MB (Node itself and the bundle) does not shrink with the cluster; Go begins at about 50 MB.',
  'services-cpu': garbageAndBodies,
  'small-services-cpu': garbageAndBodies,
  'services-memory':
    'the base of about 100 MB, the cache of Nodes, and for each Service what is wanted and known of its load balancer.',
  'small-nodes-replaced-calls':
    'some load balancers were written twice, presumably because nodes came after the pause in which changes are gathered.',
  'nodes-replaced-instance-calls': askedAtOnce,
  'small-nodes-replaced-instance-calls': askedAtOnce,
};
