// @ts-check
/** Events with a value, whose names and values the type checker knows. */

/**
 * Something that tells others what happens to it. Listeners are called by an `EventTarget`, so that an
 * error in one of them does not keep the event from the others.
 *
 * @template {object} Events
 */
export class Emitter {
  constructor() {
    this.events = new EventTarget();
  }

  /**
   * Call the listener at each event of this name.
   *
   * @template {keyof Events & string} Name
   * @param {Name} name
   * @param {(value: Events[Name]) => void} listener
   */
  on(name, listener) {
    this.events.addEventListener(name, (event) => listener(/** @type {Event & { value: Events[Name] }} */ (event).value));
  }

  /**
   * Wait for the next event of this name.
   *
   * @param {keyof Events & string} name
   * @returns {Promise<void>}
   */
  next(name) {
    return new Promise((resolve) => this.events.addEventListener(name, () => resolve(), { once: true }));
  }

  /**
   * Tell the listeners of an event.
   *
   * @template {keyof Events & string} Name
   * @param {Name} name
   * @param {Events[Name] extends null ? [] : [value: Events[Name]]} values
   */
  emit(name, ...values) {
    this.events.dispatchEvent(Object.assign(new Event(name), { value: values[0] ?? null }));
  }
}
