import type { RowName } from './rows.ts';

const garbageAndBodies =
  'by a profile of the run with 500 nodes, of 4.8 ms on the main thread for each Service a seventh is the collection of garbage, in a young generation ' +
  'that is kept at 1 MB for the sake of memory, another seventh reading replies and watches, a tenth writing two patches, two Events and a list of nodes to ' +
  'sockets, a tenth writing the log; the rest is spread thinly over requests and queues. A young generation of 4 MB changed nothing that could be measured.';

const gatheredForQuarter =
  'ours asks for the first node at once and for those that come within a quarter of a second after it together; the tuned Go manager asks for nobody ' +
  'before a tenth of a second has passed, so that it has one question less where all come within that time.';

/**
 * Why a target is missed, for the page: written by whoever measured it, and shown only while the row misses its target.
 * A missed row without an entry says that it has none.
 */
export const reasons: Partial<Readonly<Record<RowName, string>>> = {
  'start-time':
    'about 0.3 s pass before the first byte is asked for: Node starts and evaluates the bundle, the larger part of which is the ' +
    'generated code of the Kubernetes client library, of which only the reading of kubeconfigs is used.',
  'start-cpu':
    'the same 0.3 s; of the rest half is receiving and decrypting 85 MB, measured by throwing the bytes away (0.25 s).',
  memory:
    'by the map of the process 55 MB are the pages of the Node executable and its libraries, which all processes of a machine share; a manager that has ' +
    'connected to nothing holds another 30 to 40 MB (V8, and the bundle with the Kubernetes client library), caches and controllers the rest.',
  'event-cpu':
    'by a profile, of 150 µs on the main thread for the update of a Node of 17 KB a third is the collection of garbage, a third native code (decryption, ' +
    'sockets), 10 µs HTTP, 18 µs reading of which a few hundred bytes are kept, and 8 µs cache and controllers.',
  initialize:
    'every Node costs two patches, and a patch of a 17 KB Node costs the API server 2.5 to 3.4 ms of CPU on the two cores that all ' +
    'programs of the run share; the cloud takes 1 s of it.',
  'initialize-event-loop-p99':
    'the replies of the patches, 1,000 watch events and the collections of garbage come together while API server, load generator and cloud take both ' +
    'cores; in the run without 1,000 Nodes that join at once (the row above) the same process stays below the target.',
  'small-services-memory':
    'by the map of the process 55 MB of it are the pages of the Node executable and its libraries, which do not shrink with the cluster; a Go manager ' +
    'begins at about 50 MB in all. One arena of malloc instead of one for each thread took 18 to 24 MB away.',
  'services-cpu': garbageAndBodies,
  'small-services-cpu': garbageAndBodies,
  'services-memory':
    '55 MB of pages of the Node executable and its libraries, the cache of Nodes, and for each Service what is wanted and known of its load balancer: with ' +
    '500 nodes and 2,000 Services 35 MB are in use after a full collection of garbage, and as much again is what had not been collected yet.',
  'small-nodes-replaced-calls':
    'changes of nodes are gathered until none came for a second, five seconds at the most; nodes that come after that have load balancers written twice, ' +
    'as happens where other work shares the two cores.',
  'nodes-replaced-calls':
    'changes of nodes are gathered until none came for a second, five seconds at the most; what comes after that is written again.',
  'nodes-replaced-instance-calls': gatheredForQuarter,
  'small-nodes-replaced-instance-calls': gatheredForQuarter,
};
