/** The object with some of its members replaced; the others still run on the object itself, with its private fields. */
export function overlay<Target extends object>(target: Target, replaced: Partial<Target>): Target {
  return new Proxy(target, {
    get(original, key) {
      if (Object.hasOwn(replaced, key)) return Reflect.get(replaced, key) as unknown;
      const value: unknown = Reflect.get(original, key, original);
      return typeof value === 'function' ? (value.bind(original) as unknown) : value;
    },
  });
}
