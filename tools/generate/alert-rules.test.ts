import { describe, expect, it } from '@jest/globals';
import { metricDeclarations } from '@ccm-ts/cloud-provider';
import { alertRules } from './alert-rules.ts';
import { dashboard } from './dashboard.ts';

const names = Object.keys(metricDeclarations);

/** What in an expression of Prometheus looks like a metric of the product. */
function metricsIn(expression: string): readonly string[] {
  return (
    expression.match(/[a-z][a-z_]*_[a-z_]+(?=[{\[) ]|$)/g)?.filter((word) => !/^(histogram_quantile)$/.test(word)) ?? []
  );
}

describe('alerts', () => {
  it('go by metrics that there are', () => {
    const { groups } = alertRules() as { groups: { rules: { alert: string; expr: string }[] }[] };
    for (const { alert, expr } of groups.flatMap(({ rules }) => rules)) {
      const used = metricsIn(expr);
      expect({ alert, used: used.length > 0, unknown: used.filter((name) => !names.includes(name)) }).toEqual({
        alert,
        used: true,
        unknown: [],
      });
    }
  });
});

describe('the dashboard', () => {
  it('shows every metric once', () => {
    const { panels } = dashboard() as { panels: { type: string; title: string; id: number }[] };
    const shown = panels.filter(({ type }) => type !== 'row').map(({ title }) => title);
    expect(shown.toSorted()).toEqual(names.toSorted());
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
