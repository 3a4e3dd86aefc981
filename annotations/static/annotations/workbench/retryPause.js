// @ts-check
/** The pause before a request is tried again, which can be ended early. */

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/**
 * How long to wait before the next try, in milliseconds: twice as long each time.
 *
 * @param {number} tries how often it was tried
 */
export function waitAfter(tries) {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1));
}

export class RetryPause {
  constructor() {
    /** @type {(() => void) | null} ends the pause; null while there is none */
    this.end = null;
    this.isSkipped = false;
  }

  /** End the pause; if there is none, skip the next one. */
  skip() {
    this.isSkipped = !this.end;
    this.end?.();
  }

  /**
   * Whether the next pause is to be skipped; asking uses that up.
   *
   * @returns {boolean}
   */
  takeSkip() {
    const { isSkipped } = this;
    this.isSkipped = false;
    return isSkipped;
  }

  /**
   * Wait for so many milliseconds, or until the pause is ended.
   *
   * @param {number} milliseconds
   */
  async wait(milliseconds) {
    await new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.end = null;
  }
}
