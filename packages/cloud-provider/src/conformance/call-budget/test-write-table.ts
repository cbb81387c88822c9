import { memorySubject } from '../memory-subject.ts';
import { writeCallBudget } from './write-call-budget.ts';

await writeCallBudget(memorySubject, new URL('../../../docs/call-budget.md', import.meta.url));
