/** So many of the items, the same for the same seed. All of them when there are fewer. */
export function pickSome<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  const left = [...items];
  const chosen: Item[] = [];
  let state = seed >>> 0;
  while (chosen.length < count && left.length > 0) {
    // Knuth's multiplicative congruence: even enough to choose by.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    chosen.push(...left.splice(Math.floor((state / 2 ** 32) * left.length), 1));
  }
  return chosen;
}
