import { describe, expect, it } from '@jest/globals';
import type { OperationName } from '../memory-cloud/cloud/api.ts';
import { operationTable } from '../memory-cloud/cloud/api.ts';
import { CallLog, type CallOutcome } from '../memory-cloud/cloud/call-log.ts';
import { countOperations } from './report.ts';

describe('countOperations', () => {
  it('counts the accepted writes by verb and kind', () => {
    const log = new CallLog(10);
    const call = (operation: OperationName, outcome: CallOutcome = 'accepted'): void => {
      const facts = { requestID: 'r', time: new Date(0), cluster: 'blue', isReplyLost: false, touched: [] };
      log.append({ ...facts, ...operationTable[operation], operation, outcome });
    };
    call('CreateLoadBalancer');
    call('CreateLoadBalancer', 'throttled');
    call('CreateListener');
    call('UpdateListener');
    call('SetBackends');
    call('DeleteRoutes', 'failed');
    call('GetLoadBalancer');
    expect(countOperations(log)).toEqual({
      create: { LoadBalancer: 1, Listener: 1 },
      update: { Listener: 1, Backends: 1 },
    });
  });
});
