import { annotationsSuite } from './aws/annotations/suite.ts';
import { awsGoldensSuite } from './aws/goldens/suite.ts';
import { awsSuite } from './aws/suite.ts';
import { leaderSuite, soakSuite } from './churn/suites.ts';
import { cliSuite } from './cli/suite.ts';
import { deploySuite } from './deploy/suite.ts';
import { docsSuite } from './docs/suite.ts';
import type { Suite } from './harness/suite.ts';
import { kubectlSuite } from './kubectl/suite.ts';
import { hostileSuite } from './manager/hostile/suite.ts';
import { sideBySideSuite } from './manager/side-by-side/suite.ts';
import { managerSuite } from './manager/suite.ts';
import { pageSuite } from './page/suite.ts';
import { semanticsSuite } from './semantics/suite.ts';
import { takeoverSuite } from './takeover/suite.ts';

/** Every suite of this folder, in the order in which `all` runs them. */
export const suites: readonly Suite[] = [
  semanticsSuite,
  kubectlSuite,
  managerSuite,
  sideBySideSuite,
  hostileSuite,
  pageSuite,
  awsSuite,
  awsGoldensSuite,
  annotationsSuite,
  leaderSuite,
  soakSuite,
  takeoverSuite,
  deploySuite,
  cliSuite,
  docsSuite,
];
