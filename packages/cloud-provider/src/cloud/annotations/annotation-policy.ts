import type { AnnotationCondition, AnnotationEffect, NumberOf } from './annotation-declaration.ts';
import {
  type AnyAnnotationRegistry,
  comparedNumberPattern,
  isAbsence,
  lateFix,
  namesIn,
  placeOn,
} from './define-annotations.ts';
import type { AnnotationFormat } from './annotation-format.ts';

/** An object for the API server. */
export type PolicyObject = Readonly<Record<string, unknown>> & { readonly metadata: { readonly name: string } };

interface Validation {
  readonly expression: string;
  readonly message: string;
  readonly messageExpression?: string;
}

/**
 * Policies that tell at admission what the registry's parser would tell later, without a server of their own: one that refuses
 * and one that warns, each with its binding. They judge only annotations that a request changes, on Services of the type
 * LoadBalancer without a class, neither their status nor those that are being deleted, and let pass what they can not judge.
 * Pure.
 *
 * They say the same as `judge`, but that keys which nobody knows are named without what was probably meant, and that texts of
 * more than some ten thousand characters cost the API server more than it grants a policy, and pass.
 */
export function annotationPolicies(registry: AnyAnnotationRegistry): readonly PolicyObject[] {
  const { owner } = registry.definition;
  return [
    ...policyWithBinding(registry, { name: `${owner}-service-annotations`, effect: 'refused', action: 'Deny' }),
    ...policyWithBinding(registry, { name: `${owner}-service-annotation-remarks`, effect: 'warned', action: 'Warn' }),
  ];
}

function policyWithBinding(
  registry: AnyAnnotationRegistry,
  { name, effect, action }: { readonly name: string; readonly effect: AnnotationEffect; readonly action: string },
): readonly PolicyObject[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Ignore',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['services'] },
          ],
        },
        matchConditions: [
          { name: 'is-load-balancer', expression: "has(object.spec.type) && object.spec.type == 'LoadBalancer'" },
          { name: 'has-no-class', expression: '!has(object.spec.loadBalancerClass)' },
          { name: 'is-staying', expression: '!has(object.metadata.deletionTimestamp)' },
        ],
        variables: variablesOf(registry),
        validations: validationsOf(registry, effect),
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: [action] },
    },
  ];
}

function variablesOf(
  registry: AnyAnnotationRegistry,
): readonly { readonly name: string; readonly expression: string }[] {
  const { definition } = registry;
  const { annotations, elsewhere, kindChoice, prefix, territory } = definition;
  const keys = list(Object.keys(annotations).map((name) => registry.keyOf(name)));
  const foreign = list((elsewhere?.names ?? []).map((name) => prefix + name));
  const isNew = '(!(k in variables.former) || variables.former[k] != variables.now[k])';
  const kindKey = kindChoice.by === undefined ? undefined : quote(registry.keyOf(kindChoice.by));
  const wasLoadBalancer = "oldObject != null && has(oldObject.spec.type) && oldObject.spec.type == 'LoadBalancer'";
  return [
    { name: 'now', expression: 'has(object.metadata.annotations) ? object.metadata.annotations : {}' },
    {
      name: 'former',
      expression: 'oldObject != null && has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}',
    },
    { name: 'kind', expression: kindExpression(registry, 'variables.now') },
    { name: 'formerKind', expression: `${wasLoadBalancer} ? (${kindExpression(registry, 'variables.former')}) : ''` },
    { name: 'known', expression: keys },
    {
      name: 'changed',
      expression:
        'variables.known.filter(k, (k in variables.now) != (k in variables.former) || (k in variables.now && variables.now[k] != variables.former[k]))',
    },
    {
      name: 'judged',
      expression: `variables.kind == '' ? [] : ${kindKey === undefined ? 'variables.changed' : `${kindKey} in variables.changed ? variables.known : variables.changed`}`,
    },
    {
      name: 'elsewhere',
      expression: `variables.kind == '' ? [] : ${foreign}.filter(k, k in variables.now && ${isNew})`,
    },
    {
      name: 'unknown',
      expression: `variables.kind == '' ? [] : variables.now.filter(k, !(k in variables.known) && !(k in ${foreign}) && k.lowerAscii().matches(${raw(territory)}) && ${isNew})`,
    },
  ];
}

function kindExpression(registry: AnyAnnotationRegistry, annotations: string): string {
  const { by, otherwise, values } = registry.definition.kindChoice;
  if (by === undefined) return quote(otherwise);
  const key = quote(registry.keyOf(by));
  const texts = Object.entries(values);
  const choices = texts.map(([text, kind]) => `${annotations}[${key}] == ${quote(text)} ? ${quote(kind ?? '')} : `);
  return `!(${key} in ${annotations}) ? ${quote(otherwise)} : ${choices.join('')}${quote(otherwise)}`;
}

function validationsOf(registry: AnyAnnotationRegistry, effect: AnnotationEffect): readonly Validation[] {
  return [
    ...(effect === 'warned' ? unknownValidations(registry) : []),
    ...formatValidations(registry, effect),
    ...(effect === 'warned' ? lateValidations(registry) : []),
    ...ruleValidations(registry, effect),
  ];
}

function unknownValidations({ definition }: AnyAnnotationRegistry): readonly Validation[] {
  const unknown = 'has no effect, as there is no such annotation';
  const { elsewhere } = definition;
  return [
    {
      expression: 'size(variables.unknown) == 0',
      message: `an annotation ${unknown}`,
      messageExpression: `variables.unknown.join(', ') + ${quote(`: ${unknown}`)}`,
    },
    ...(elsewhere === undefined
      ? []
      : [
          {
            expression: 'size(variables.elsewhere) == 0',
            message: elsewhere.fix,
            messageExpression: `variables.elsewhere.join(', ') + ${quote(`: ${elsewhere.fix}`)}`,
          },
        ]),
  ];
}

function formatValidations(registry: AnyAnnotationRegistry, effect: AnnotationEffect): readonly Validation[] {
  const validations: Validation[] = [];
  const { annotations, kinds } = registry.definition;
  for (const [name, declaration] of Object.entries(annotations)) {
    const key = registry.keyOf(name);
    const byPlace = Map.groupBy(kinds, (kind) => placeOn(declaration, kind));
    for (const [place, itsKinds] of byPlace) {
      const isHere = `${quote(key)} in variables.judged && ${quote(key)} in variables.now && variables.kind in ${list(itsKinds)}`;
      const message = `${key}: ${place.fix}`;
      if (isAbsence(place)) {
        if (place.effect === effect) validations.push({ expression: `!(${isHere})`, message });
      } else if ((declaration.misfit ?? 'refused') === effect) {
        const fit = fitExpression(key, place);
        if (fit !== undefined) validations.push({ expression: `!(${isHere}) || (${fit})`, message });
      }
    }
  }
  return validations;
}

function fitExpression(key: string, { maxLength, patterns }: AnnotationFormat<unknown>): string | undefined {
  const text = `variables.now[${quote(key)}]`;
  const checks = [
    ...(maxLength === undefined ? [] : [`size(${text}) <= ${maxLength}`]),
    ...patterns.map((pattern) => `${text}.matches(${raw(pattern)})`),
  ];
  return checks.length === 0 ? undefined : checks.join(' && ');
}

function lateValidations(registry: AnyAnnotationRegistry): readonly Validation[] {
  const { annotations, kinds } = registry.definition;
  const late = Object.entries(annotations).filter(([, { change }]) => change === 'atCreation');
  return late.map(([name, declaration]) => {
    const key = registry.keyOf(name);
    const itsKinds = kinds.filter((kind) => !isAbsence(placeOn(declaration, kind)));
    const isLate = `${quote(key)} in variables.changed && variables.formerKind == variables.kind && variables.kind in ${list(itsKinds)}`;
    return { expression: `!(${isLate})`, message: `${key}: ${lateFix}` };
  });
}

function ruleValidations(registry: AnyAnnotationRegistry, effect: AnnotationEffect): readonly Validation[] {
  const rules = registry.definition.rules.filter((rule) => rule.effect === effect);
  return rules.map((rule) => {
    const touched = [...namesIn(rule)].map((name) => `${quote(registry.keyOf(name))} in variables.judged`);
    const when = conditionExpression(registry, rule.when);
    return {
      expression: `!(variables.kind in ${list(rule.kinds)} && (${touched.join(' || ')}) && ${when})`,
      message: `${registry.keyOf(rule.about)}: ${rule.fix}`,
    };
  });
}

function conditionExpression(registry: AnyAnnotationRegistry, condition: AnnotationCondition<string>): string {
  switch (condition.kind) {
    case 'absent':
      return `!(${quote(registry.keyOf(condition.annotation))} in variables.now)`;
    case 'matches': {
      const key = quote(registry.keyOf(condition.annotation));
      return `(${key} in variables.now && variables.now[${key}].matches(${raw(condition.pattern)}))`;
    }
    case 'atLeast': {
      const [left, right] = [numberExpression(registry, condition.left), numberExpression(registry, condition.right)];
      return `(${left.isNumber} && ${right.isNumber} && ${left.number} >= ${right.number})`;
    }
    case 'not':
      return `!${conditionExpression(registry, condition.condition)}`;
    case 'all':
      return `(${condition.conditions.map((each) => conditionExpression(registry, each)).join(' && ')})`;
  }
}

function numberExpression(
  registry: AnyAnnotationRegistry,
  { annotation, otherwise }: NumberOf<string>,
): { readonly isNumber: string; readonly number: string } {
  const key = quote(registry.keyOf(annotation));
  const text = `variables.now[${key}]`;
  return {
    isNumber: `(!(${key} in variables.now) || ${text}.matches(${raw(comparedNumberPattern)}))`,
    number: `(${key} in variables.now ? int(${text}.trim()) : ${otherwise})`,
  };
}

function list(texts: readonly string[]): string {
  return `[${texts.map(quote).join(', ')}]`;
}

/** A string of CEL. Its escapes are those of JSON, as far as JSON writes any, but for the quotation mark. */
function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`)}'`;
}

/** A string of CEL in which backslashes stand for themselves. */
function raw(pattern: string): string {
  if (pattern.includes("'")) throw new RangeError(`a pattern of annotations can not hold an apostrophe: ${pattern}`);
  return `r'${pattern}'`;
}
