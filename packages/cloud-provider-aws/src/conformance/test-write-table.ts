import { writeCallBudget } from '@ccm-ts/cloud-provider/conformance';
import { awsSubject } from './test-subject.ts';

await writeCallBudget(awsSubject, new URL('../../docs/call-budget.md', import.meta.url));
