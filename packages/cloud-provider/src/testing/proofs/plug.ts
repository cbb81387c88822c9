/** Why something of a killed manager was ended at last. */
export class BuriedError extends Error {
  override readonly name = 'BuriedError';
}

/**
 * What stands between a manager and its world. As long as it is in, everything passes. Once it is pulled nothing passes any
 * more, in neither direction, and nothing is answered: to the world the manager is a process that was killed, and the
 * manager never learns what hit it. Burying ends its promises, so that thousands of killed managers don't pile up.
 */
export class Plug {
  readonly #endings = new Set<(error: Error) => void>();
  readonly #onPulled: (() => void)[] = [];
  #state: 'in' | 'pulled' | 'buried' = 'in';

  get isIn(): boolean {
    return this.#state === 'in';
  }

  get isBuried(): boolean {
    return this.#state === 'buried';
  }

  pull(): void {
    if (this.#state !== 'in') return;
    this.#state = 'pulled';
    for (const callback of this.#onPulled) callback();
  }

  onPulled(callback: () => void): void {
    this.#onPulled.push(callback);
  }

  /** From now on everything that the manager waits for, or asks for, fails. */
  bury(): void {
    this.pull();
    this.#state = 'buried';
    for (const end of this.#endings) end(new BuriedError('the manager was killed'));
    this.#endings.clear();
  }

  /** No answer: settles only when the manager is buried. */
  silence(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.#state === 'buried') reject(new BuriedError('the manager was killed'));
      else this.#endings.add(reject);
    });
  }
}
