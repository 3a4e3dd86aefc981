// @ts-check
/** What a tab does when another tab of the same person and set says what it has done. */

/**
 * Make the outbox follow a message of another tab.
 *
 * @param {Outbox} outbox
 * @param {TabMessage} message
 */
export function followMessage(outbox, message) {
  /** @type {{ [Type in TabMessage["type"]]: (message: Extract<TabMessage, { type: Type }>) => unknown }} */
  const handlers = {
    added: ({ jobs }) => outbox.onJobsAdded(jobs),
    stored: (answer) => outbox.onJobStored(answer),
    gone: ({ job }) => outbox.removeJob(job),
    refused: (refusal) => outbox.emit("refused", refusal),
    trouble: ({ trouble }) => outbox.setTrouble(trouble),
    conflict: ({ conflict }) => outbox.showConflict(conflict),
    decided: ({ choice }) => outbox.resolveConflict(choice, { isRemote: true }),
    retry: () => outbox.isSender && outbox.retryNow(),
    superseded: ({ successor }) => outbox.halt(successor, { isRemote: true }),
    moved: () => outbox.emit("others"),
    discard: () => outbox.discardAll({ isRemote: true }),
  };
  // the type of a message chooses the handler that takes it; a newer page may send types unknown here
  const handle = /** @type {((message: TabMessage) => unknown) | undefined} */ (handlers[message.type]);
  handle?.(message);
}
