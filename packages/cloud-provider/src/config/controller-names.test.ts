import { describe, expect, it } from '@jest/globals';
import { isControllerEnabled } from './controller-names.ts';

describe('isControllerEnabled', () => {
  it.each([
    [['*'], true],
    [[], false],
    [['cloud-node-controller'], true],
    [['cloud-node'], true],
    [['-cloud-node', '*'], false],
    [['*', '-cloud-node'], false],
    [['*', '-cloud-node-controller'], false],
    [['cloud-node', '-cloud-node'], true],
    [['-cloud-node', 'cloud-node'], false],
    [['service'], false],
    [['-service'], false],
    [['*', '-service'], true],
  ])('with %j', (list, expected) => {
    expect(isControllerEnabled('cloud-node-controller', list)).toBe(expected);
  });

  it.each([
    [['*'], false],
    [['*', 'nodeipam'], true],
    [['node-ipam-controller'], true],
    [['*', '-nodeipam'], false],
  ])('takes the controller of node ranges only by its name: %j', (list, expected) => {
    expect(isControllerEnabled('node-ipam-controller', list)).toBe(expected);
  });
});
