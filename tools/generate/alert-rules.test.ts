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

/** The labels that an expression names: in braces, and after `by`. */
function labelsIn(expression: string): readonly string[] {
  const inBraces = [...expression.matchAll(/([a-z_]+)(?:=~?|!=|!~)"/g)].map(([, label = '']) => label);
  const after = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
  return [...inBraces, ...after];
}

describe('labels in alerts', () => {
  const declarations: Readonly<Record<string, { readonly labels: readonly string[] }>> = metricDeclarations;
  /** What Prometheus itself adds to every series. */
  const ofPrometheus = ['instance', 'job', 'quantile'];
  const { groups } = alertRules() as {
    groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);

  it.each(rules)('are those of its metrics: $alert', ({ expr, annotations: { summary } }) => {
    const known = new Set(metricsIn(expr).flatMap((name) => declarations[name]?.labels ?? []));
    for (const label of labelsIn(expr)) expect([...known, ...ofPrometheus]).toContain(label);
    // What is summed up is gone from the result.
    const kept = /\bby \(/.test(expr) ? labelsIn(expr.match(/by \([^)]*\)/)?.[0] ?? '') : [...known, ...ofPrometheus];
    for (const [, label = ''] of summary.matchAll(/\$labels\.(\w+)/g)) expect(kept).toContain(label);
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
